#!/usr/bin/env bash
# A program writes 10,893 bytes to a pseudo-terminal and ends with code 0, while the reader is busy for 300 ms.
#
# Guess: node-pty's `exit` comes after the last `data`, as `close` does for a pipe of `child_process`.
# Seen:  the first 4,095 bytes arrive, then `exit`, and nothing more. A read from a terminal on Linux returns at most 4,095
#        bytes. Node asks for 64 KB, takes the short read for the last one, and sees that the other side has closed.
# So:    hold the other side (`ptsName`) open until `exit`; then everything arrives. A test that reads what a program
#        printed on a terminal fails on a busy machine otherwise.
set -euo pipefail

packages=(@lydell/node-pty@1.1.0)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"

cat >finding.mjs <<'END'
import { closeSync, constants, openSync } from "node:fs";
import { spawn } from "@lydell/node-pty";

async function read(isHeld) {
  const pty = spawn("seq", ["1", "2000"], { cols: 80, rows: 24 });
  const held = isHeld ? openSync(pty.ptsName, constants.O_RDWR | constants.O_NOCTTY) : undefined;
  let bytes = 0;
  pty.onData((text) => (bytes += Buffer.byteLength(text)));
  for (const end = performance.now() + 300; performance.now() < end; );
  const code = await new Promise((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode)));
  if (held !== undefined) closeSync(held);
  return `exit ${code}, ${bytes} bytes`;
}

console.log(`as documented:       ${await read(false)}`);
console.log(`other side held open: ${await read(true)}`);
END

cat >expected.txt <<'END'
as documented:       exit 0, 4095 bytes
other side held open: exit 0, 10893 bytes
END

node finding.mjs >seen.txt
printf 'Node.js %s, %s, Linux %s\n\n' "$(node --version)" "${packages[*]}" "$(uname -r)"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
