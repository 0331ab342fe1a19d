import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import { startApp } from "./app.ts";
import { BIN } from "./cli.ts";
import { tempFolder } from "./temp.ts";
import { startTerminal, type Terminal } from "./terminal.ts";

/** Runs `listen` on a terminal. */
export const listen = (args: readonly string[], columns: number, env: Readonly<Record<string, string>>): Terminal =>
  startTerminal([process.execPath, BIN, "listen", "--port", "0", ...args], columns, env);

/** The listener's URL, once it reads keys. */
export async function localUrl(terminal: Terminal): Promise<string> {
  const line = await terminal.line(/listening on http/);
  await terminal.line(/Press \? for keyboard shortcuts/);
  return line.replace(/^.*listening on /, "");
}

/** Sends one event; returns the status. */
export async function deliver(url: string, event: string, data: object): Promise<number> {
  const body = JSON.stringify({ event, timestamp: "2025-06-15T14:30:15Z", data });
  return (await fetch(url, { method: "POST", body })).status;
}

/** Tests terminals of these widths. */
export function neverTooWide(widths: readonly number[]): void {
  describe.each(widths)("at %i columns", (columns) => {
    it("no line is wider than the terminal, with any text from a sender", async () => {
      const app = await startApp((_request, response) => response.writeHead(500).end());
      const env = { BLUUM_HOOKS_HOME: tempFolder() };
      const terminal = listen(["--no-register", "--forward-to", String(app.port)], columns, env);
      const url = await localUrl(terminal);
      const from = terminal.lines.length - 1;
      const wide = "日本語".repeat(30);
      await deliver(url, "order.filled", {
        id: "ord_x9y8z7a6b5c4d3e2",
        filled_quantity: "10",
        average_price: "178.50",
      });
      await deliver(url, "transfer.withdrawal.completed", { id: `w_${wide}`, amount: "5000.00", currency: "USD" });
      await deliver(url, `order.${wide}`, { id: "\x1b[2J\x1b]0;owned\x07ord_2", status: `\x1b[31m${wide}` });
      await app.stop();
      await deliver(url, "document.rejected", { id: "doc_1", reason: "unreadable ".repeat(20) });
      await terminal.line(/↳ app: connection refused/, from);
      await terminal.line(/is not reachable/, from);
      const lines = terminal.lines.slice(from);
      expect(lines.filter((line) => stringWidth(line) > columns && !/^ {2}next: |^! /.test(line))).toEqual([]);
      expect(terminal.raw).not.toMatch(/\x1b\[2J|\x1b\]0;/); // oxlint-disable-line no-control-regex -- control characters are intended
      expect(lines.some((line) => line.includes("order.filled"))).toBe(true);
    });
  });
}
