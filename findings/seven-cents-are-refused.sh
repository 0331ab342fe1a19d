#!/usr/bin/env bash
# A schema says that a price has at most two decimals: `multipleOf: 0.01`, as in many an OpenAPI document.
#
# Guess: 0.01, 0.02, … 100.00 are all valid; a validator knows that 0.01 is not exact in binary.
# Seen:  Ajv refuses 1,363 of these 10,000 prices, the first is 0.07: 0.07 / 0.01 is 7.000000000000001. Valibot and TypeBox take
#        the remainder (`%`), and refuse 9,986. Zod and Joi accept all of them, and so does Ajv with `multipleOfPrecision`.
# So:    webhooks with some prices get a 400, the others pass every test. Give Ajv the option, or send prices as strings.
set -euo pipefail

packages=(ajv@8.20.0 valibot@1.5.0 @sinclair/typebox@0.34.52 zod@4.6.7 joi@18.3.2)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"

cat >finding.mjs <<'END'
import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import Ajv from "ajv";
import Joi from "joi";
import * as v from "valibot";
import { z } from "zod";

const schema = { type: "number", multipleOf: 0.01 };
const typebox = Type.Number({ multipleOf: 0.01 });
const valibot = v.pipe(v.number(), v.multipleOf(0.01));
const accepts = {
  Ajv: new Ajv().compile(schema),
  "Ajv, multipleOfPrecision 6": new Ajv({ multipleOfPrecision: 6 }).compile(schema),
  Valibot: (price) => v.is(valibot, price),
  TypeBox: (price) => Value.Check(typebox, price),
  Zod: (price) => z.number().multipleOf(0.01).safeParse(price).success,
  Joi: (price) => !Joi.number().multiple(0.01).validate(price).error,
};
const prices = Array.from({ length: 10_000 }, (_, index) => JSON.parse(((index + 1) / 100).toFixed(2)));
for (const [name, accept] of Object.entries(accepts)) {
  const refused = prices.filter((price) => !accept(price));
  console.log(`${name}: ${refused.length} refused${refused.length > 0 ? `, among them ${refused.slice(0, 3).join(", ")}` : ""}`);
}
END

cat >expected.txt <<'END'
Ajv: 1363 refused, among them 0.07, 0.14, 0.28
Ajv, multipleOfPrecision 6: 0 refused
Valibot: 9986 refused, among them 0.03, 0.05, 0.06
TypeBox: 9986 refused, among them 0.03, 0.05, 0.06
Zod: 0 refused
Joi: 0 refused
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
