import { Client, type ClientOptions } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { onTestFinished } from "vitest";
import { BIN } from "../cli.ts";

/** Before errors or warnings. */
const TITLE = /^(Error|Warnings):$/;

/** The result of a tool, taken apart. */
export interface Called {
  readonly isError: boolean;
  /** All its texts. */
  readonly texts: string[];
  /** The JSON documents of the text that is marked as data. */
  readonly data: Record<string, unknown>[];
  /** The error or warnings that follow the data. */
  readonly problems: Record<string, unknown>[];
}

export interface McpClient {
  readonly client: Client;
  readonly pid: number;
  readonly call: (name: string, input?: Record<string, unknown>) => Promise<Called>;
  readonly close: () => Promise<void>;
}

/** The SDK's own client, connected to the real executable. */
export async function startMcp(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  options: ClientOptions = {},
  cwd?: string,
): Promise<McpClient> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: ["--", BIN, "mcp", ...args],
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stderr: "inherit",
    ...(cwd === undefined ? {} : { cwd }),
  });
  const client = new Client({ name: "test", version: "0.0.0" }, options);
  await client.connect(transport);
  onTestFinished(() => client.close());
  return {
    client,
    pid: transport.pid ?? 0,
    async call(name, input = {}) {
      const { content, isError } = await client.callTool({ name, arguments: input });
      const texts = content.flatMap((part) => (part.type === "text" ? [part.text] : []));
      const after = (mark: RegExp) => {
        const at = texts.findIndex((text) => mark.test(text));
        const next = at === -1 ? "" : (texts[at + 1] ?? "");
        return next === "" || TITLE.test(next) ? [] : documents(next);
      };
      return {
        isError: isError === true,
        texts,
        data: after(/^Output of bluum-hooks/),
        problems: after(TITLE),
      };
    },
    close: () => client.close(),
  };
}

function documents(text: string): Record<string, unknown>[] {
  return text.split("\n").map((line) => JSON.parse(line) as Record<string, unknown>);
}
