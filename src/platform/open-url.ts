import { spawn } from "node:child_process";

/** The program that opens a URL in the user's browser, and its arguments. */
const OPENERS: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: ["open"],
  win32: ["rundll32", "url.dll,FileProtocolHandler"],
};
const OTHERS = ["xdg-open"];
/** A program that still runs after this time has found a browser, or is one. */
const STARTED_MS = 2_000;

/** Opens an http URL in the user's browser, without a shell. False if there is no program for it, or it fails. */
export async function openUrl(url: string, platform: NodeJS.Platform): Promise<boolean> {
  const [program = "", ...args] = OPENERS[platform] ?? OTHERS;
  return new Promise((resolve) => {
    const child = spawn(program, [...args, new URL(url).href], { stdio: "ignore", detached: true });
    child.unref();
    const timer = setTimeout(() => resolve(true), STARTED_MS);
    const end = (isOpened: boolean) => {
      clearTimeout(timer);
      resolve(isOpened);
    };
    child.once("error", () => end(false));
    child.once("exit", (code) => end(code === 0));
  });
}
