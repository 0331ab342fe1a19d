#!/usr/bin/env bash
# An amount in a payload is the text "1.5E+3": so Python's Decimal writes 1500 after `normalize()`, and Java's BigDecimal after
# `stripTrailingZeros()`. JavaScript's decimal.js writes a small one as "1.5e-7".
#
# Guess: a library for money reads it as 1500, or refuses it.
# Seen:  currency.js, accounting and numeral drop every character that is no digit, point or minus, and read what is left:
#        1.53. "2E+1" is 21. "1.5E-7" is 1.5, -1.57 or NaN. numbro and big.js are right.
# So:    turn a text into a number with Number() or a decimal library before you give it to these; they read what people type.
set -euo pipefail

packages=(currency.js@2.0.4 accounting@0.4.1 numeral@2.0.6 numbro@2.5.0 big.js@7.0.1)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"

cat >finding.mjs <<'END'
import accounting from "accounting";
import Big from "big.js";
import currency from "currency.js";
import numbro from "numbro";
import numeral from "numeral";

const read = {
  "currency.js": (text) => currency(text).value,
  accounting: (text) => accounting.parse(text),
  numeral: (text) => numeral(text).value(),
  numbro: (text) => numbro.unformat(text),
  "big.js": (text) => Big(text).toNumber(),
};
for (const [name, parse] of Object.entries(read)) {
  console.log(`${name}: ${["1.5E+3", "2E+1", "1.5E-7"].map((text) => `${text} is ${parse(text)}`).join(", ")}`);
}
END

cat >expected.txt <<'END'
currency.js: 1.5E+3 is 1.53, 2E+1 is 21, 1.5E-7 is NaN
accounting: 1.5E+3 is 1.53, 2E+1 is 21, 1.5E-7 is 1.5
numeral: 1.5E+3 is 1.53, 2E+1 is 21, 1.5E-7 is -1.57
numbro: 1.5E+3 is 1500, 2E+1 is 20, 1.5E-7 is 1.5e-7
big.js: 1.5E+3 is 1500, 2E+1 is 20, 1.5E-7 is 1.5e-7
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
