#!/usr/bin/env bash
# json-bigint with `useNativeBigInt` keeps long IDs in JSON from others. Prices from Python and other languages often have 16
# or 17 digits: 0.1 + 0.2 is written 0.30000000000000004.
#
# Guess: the option concerns integers; decimals stay numbers.
# Seen:  it makes a BigInt of everything with more than 15 characters, decimals too. This throws, and the whole document is
#        refused, although it is valid. Without the option the same price is a BigNumber, and a shorter one a number.
# So:    a parser that is right for IDs can refuse a delivery because of its price; test it with a long decimal.
set -euo pipefail

packages=(json-bigint@1.0.0)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"

cat >finding.mjs <<'END'
import JsonBigint from "json-bigint";

const native = JsonBigint({ useNativeBigInt: true });
const attempt = (parse, text) => {
  try {
    const { value } = parse(text);
    return `${value.constructor.name} ${value}`;
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
};
for (const value of ["12345678901234567890", "104.25", String(0.1 + 0.2), "104.33333333333333"]) {
  const text = `{"value":${value}}`;
  console.log(`${value}, JSON.parse: ${attempt(JSON.parse, text)}`);
  console.log(`${value}, json-bigint: ${attempt(JsonBigint().parse, text)}`);
  console.log(`${value}, json-bigint, native: ${attempt(native.parse, text)}`);
}
END

cat >expected.txt <<'END'
12345678901234567890, JSON.parse: Number 12345678901234567000
12345678901234567890, json-bigint: BigNumber 12345678901234567890
12345678901234567890, json-bigint, native: BigInt 12345678901234567890
104.25, JSON.parse: Number 104.25
104.25, json-bigint: Number 104.25
104.25, json-bigint, native: Number 104.25
0.30000000000000004, JSON.parse: Number 0.30000000000000004
0.30000000000000004, json-bigint: BigNumber 0.30000000000000004
0.30000000000000004, json-bigint, native: SyntaxError: Cannot convert 0.30000000000000004 to a BigInt
104.33333333333333, JSON.parse: Number 104.33333333333333
104.33333333333333, json-bigint: BigNumber 104.33333333333333
104.33333333333333, json-bigint, native: SyntaxError: Cannot convert 104.33333333333333 to a BigInt
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
