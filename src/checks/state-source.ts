import { AppError } from "../core/errors.ts";
import type { Proxy } from "../core/proxy.ts";
import { LinkedAbort } from "../platform/abort.ts";
import { HttpClient, readBody } from "../platform/http-client.ts";
import { trusting } from "../platform/inspect-certificate.ts";
import { networkFailure } from "../platform/network-failure.ts";
import { proxyFailure } from "../platform/proxy-tunnel.ts";
import type { ShellEnd } from "../platform/shell.ts";

export interface StateSourceOptions {
  readonly deadlineMs: number;
  /** Additional certificate authorities, in PEM. */
  readonly ca?: string | undefined;
  /** The proxy to use for a URL, if any. */
  readonly proxyFor?: (url: URL) => Proxy | undefined;
  readonly runShell: (command: string, signal: AbortSignal) => Promise<ShellEnd>;
  /** Cleans text from other programs. */
  readonly clean: (text: string) => string;
}

const MAX_STATE_BYTES = 4 * 1024 * 1024;

/**
 * Reads the app's state as text, from a URL or from a command's output. Throws `state_unreadable` if it fails, is too
 * slow or too long, and the signal's reason.
 */
export function createStateReader(
  source: string,
  options: StateSourceOptions,
): (signal: AbortSignal) => Promise<string> {
  const read = /^https?:\/\//i.test(source) ? readUrl : runCommand;
  return (signal) => read(source, signal, options);
}

async function runCommand(
  command: string,
  signal: AbortSignal,
  { runShell, deadlineMs, clean }: StateSourceOptions,
): Promise<string> {
  const end = await runShell(command, signal);
  if (end.kind === "exited" && end.code === 0) return end.output;
  const said = end.stderrEnd.trim() === "" ? "" : `:\n${clean(end.stderrEnd.trim())}`;
  const what = {
    exited: `ended with ${end.kind === "exited" ? (end.code ?? "a signal") : ""}`,
    "timed-out": `did not end within ${deadlineMs / 1000} s`,
    "too-long": `printed more than ${MAX_STATE_BYTES} bytes`,
    unstartable: "could not be started",
  }[end.kind];
  throw unreadable(
    `the command of --state ${what}${said}`,
    "Run it yourself: it must print the state and exit with 0.",
  );
}

async function readUrl(
  url: string,
  signal: AbortSignal,
  { deadlineMs, ca, proxyFor }: StateSourceOptions,
): Promise<string> {
  const hint = "Open it yourself: it must answer a GET with 200 and the state.";
  const proxy = proxyFor?.(new URL(url));
  using client = new HttpClient({ proxy, ...trusting(ca), keepAlive: false });
  using deadline = new LinkedAbort(signal, deadlineMs);
  try {
    const response = await client.send(withoutCredentials(url), { signal: deadline.signal, headers: basicAuth(url) });
    const { body, isWhole } = await readBody(response, MAX_STATE_BYTES);
    if (!isWhole) throw unreadable(`--state answers more than ${MAX_STATE_BYTES} bytes`, hint);
    const { statusCode = 0 } = response;
    if (statusCode >= 200 && statusCode <= 299) return body.toString();
    throw unreadable(`--state answered ${statusCode}`, hint);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof AppError) throw error;
    const why = deadline.isTimedOut
      ? `did not answer within ${deadlineMs / 1000} s`
      : `cannot be read: ${proxyFailure(error, proxy)?.message ?? networkFailure(error)[1]}`;
    throw unreadable(`the URL of --state ${why}`, hint, error);
  }
}

/** Credentials in a URL become a header, because the HTTP client ignores them. */
function basicAuth(url: string): Record<string, string> {
  const { username, password } = new URL(url);
  if (username === "" && password === "") return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
}

function withoutCredentials(text: string): URL {
  const url = new URL(text);
  url.username = "";
  url.password = "";
  return url;
}

function unreadable(message: string, hint: string, cause?: unknown): AppError {
  return new AppError("state_unreadable", message, { hint, cause });
}
