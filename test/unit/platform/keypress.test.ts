import { PassThrough } from "node:stream";
import type { ReadStream } from "node:tty";
import { expect, it } from "vitest";
import { readKeys } from "../../../src/platform/keypress.ts";

/** Not the id of a process. */
const NO_PID = 2 ** 30;

/** A terminal, and the keys that are read from it. */
function keyboardOn(stdin: PassThrough) {
  const modes: boolean[] = [];
  const raised: string[] = [];
  const keys: string[] = [];
  const keyboard = readKeys(
    {
      stdin: Object.assign(stdin, {
        isTTY: true,
        setRawMode: (isRaw: boolean) => void modes.push(isRaw),
      }) as unknown as ReadStream,
      pid: NO_PID,
      raise: (signal) => void raised.push(signal),
      onContinue: () => () => {},
    },
    (key) => void keys.push(key),
  );
  return { keyboard, modes, raised, keys };
}

it("reads keys, and Ctrl-C, of a terminal that a question has paused", async () => {
  const stdin = new PassThrough();
  stdin.pause();
  const { keyboard, raised, keys } = keyboardOn(stdin);
  stdin.write("q\x03");
  await expect.poll(() => raised).toEqual(["SIGINT"]);
  expect(keys).toEqual(["q"]);
  keyboard?.[Symbol.dispose]();
});

it("if Ctrl-Z cannot suspend the program, it continues to read single keys", async () => {
  const stdin = new PassThrough();
  const { keyboard, modes, raised, keys } = keyboardOn(stdin);
  stdin.write("\x1a");
  await expect.poll(() => raised).toEqual(["SIGTSTP"]);
  await expect.poll(() => modes).toEqual([true, false, true]);
  stdin.write("q");
  await expect.poll(() => keys).toEqual(["q"]);
  keyboard?.[Symbol.dispose]();
  expect(modes.at(-1)).toBe(false);
});
