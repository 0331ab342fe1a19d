#!/usr/bin/env bash
# A CI system counts the failures in a JUnit file. A test file cannot be loaded, because an import is missing; in another one an
# `after` hook throws.
#
# Guess: a run that ends with code 1 has a failure in its JUnit file.
# Seen:  so it is with Vitest. Node's reporter has none for the hook: it writes the failure of a suite nowhere, only those of
#        tests, and its own count says "fail 0". jest-junit leaves out the file that could not be loaded, all its tests
#        included, and says `failures="0"`; its option `reportTestSuiteErrors` is off. The hook's failure it lists, but does not
#        count.
# So:    the report is green, with fewer tests than yesterday. Judge by the exit code, and let the file only explain.
set -euo pipefail

packages=(vitest@4.1.12 jest@30.5.2 jest-junit@17.0.0)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"

# Each runner gets a folder for each of the two files.
mkdir {node,jest,vitest}-{hook,load}
body='describe("suite", () => { after(() => { throw new Error("after"); }); test("one", () => {}); });'
echo "import { after, describe, test } from 'node:test'; $body" >node-hook/a.test.mjs
echo "const after = afterAll; $body" >jest-hook/a.test.js
echo "import { afterAll as after, describe, test } from 'vitest'; $body" >vitest-hook/a.test.js
echo "import './missing.js';" | tee node-load/a.test.mjs >vitest-load/a.test.js
echo "require('./missing.js');" >jest-load/a.test.js

run() {
  local name=$1 code=0
  shift
  "$@" >/dev/null 2>&1 || code=$?
  printf '%s: exit code %s, %s <failure>, failures: %s\n' "$name" "$code" "$(grep -c '<failure' "$name.xml" || true)" \
    "$(grep -oE '<testsuites[^>]* failures="[0-9]+"|<!-- fail [0-9]+' "$name.xml" | grep -oE '[0-9]+"?$' | tr -d '"')"
}
for case in hook load; do
  run "node-$case" node --test --test-reporter=junit --test-reporter-destination="node-$case.xml" "node-$case/"
  JEST_JUNIT_OUTPUT_FILE=$folder/jest-$case.xml run "jest-$case" npx jest --rootDir "jest-$case" --reporters=jest-junit
  run "vitest-$case" npx vitest run --dir "vitest-$case" --reporter=junit --outputFile="vitest-$case.xml"
done >seen.txt

cat >expected.txt <<'END'
node-hook: exit code 1, 0 <failure>, failures: 0
jest-hook: exit code 1, 1 <failure>, failures: 0
vitest-hook: exit code 1, 1 <failure>, failures: 1
node-load: exit code 1, 1 <failure>, failures: 1
jest-load: exit code 1, 0 <failure>, failures: 0
vitest-load: exit code 1, 1 <failure>, failures: 1
END

printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
