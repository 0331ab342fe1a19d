import { PassThrough } from "node:stream";
import type { ReadStream } from "node:tty";
import { expect, it } from "vitest";
import { readKeys } from "../../../src/platform/keypress.ts";

/** Not the id of a process. */
const NO_PID = 2 ** 30;

it("if Ctrl-Z cannot suspend the program, it continues to read single keys", async () => {
  const modes: boolean[] = [];
  const raised: string[] = [];
  const keys: string[] = [];
  const stdin = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (isRaw: boolean) => void modes.push(isRaw),
  });
  const keyboard = readKeys(
    {
      stdin: stdin as unknown as ReadStream,
      pid: NO_PID,
      raise: (signal) => void raised.push(signal),
      onContinue: () => () => {},
    },
    (key) => void keys.push(key),
  );
  stdin.write("\x1a");
  await expect.poll(() => raised).toEqual(["SIGTSTP"]);
  await expect.poll(() => modes).toEqual([true, false, true]);
  stdin.write("q");
  await expect.poll(() => keys).toEqual(["q"]);
  keyboard?.[Symbol.dispose]();
  expect(modes.at(-1)).toBe(false);
});
