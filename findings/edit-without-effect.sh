#!/usr/bin/env bash
# jsonc-parser edits JSON as text, so that everything else stays as it was written. A name that occurs twice in an object is
# valid JSON, and readers use the last.
#
# Guess: `modify` changes the value that readers see; its own `parse` agrees.
# Seen:  it changes the first, while `parse`, of the same package, reads the last as all readers do: the edit has no effect,
#        and removing the member leaves one.
# So:    check for a repeated name before you edit or redact with it.
set -euo pipefail

packages=(jsonc-parser@3.3.1)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"

cat >finding.mjs <<'END'
import { applyEdits, modify, parse } from "jsonc-parser";

const edit = (text, value) => applyEdits(text, modify(text, ["quantity"], value, {}));
const show = (title, text) => {
  const [own, others] = [parse(text).quantity, JSON.parse(text).quantity];
  console.log(`${title}: ${text}, read by its parse as ${own}, by JSON.parse as ${others}`);
};
const [once, twice] = ['{"quantity":"1"}', '{"quantity":"1","quantity":"2"}'];
show("once", once);
show("once, set to 3", edit(once, "3"));
show("once, removed", edit(once, undefined));
show("twice", twice);
show("twice, set to 3", edit(twice, "3"));
show("twice, removed", edit(twice, undefined));
END

cat >expected.txt <<'END'
once: {"quantity":"1"}, read by its parse as 1, by JSON.parse as 1
once, set to 3: {"quantity":"3"}, read by its parse as 3, by JSON.parse as 3
once, removed: {}, read by its parse as undefined, by JSON.parse as undefined
twice: {"quantity":"1","quantity":"2"}, read by its parse as 2, by JSON.parse as 2
twice, set to 3: {"quantity":"3","quantity":"2"}, read by its parse as 2, by JSON.parse as 2
twice, removed: {"quantity":"2"}, read by its parse as 2, by JSON.parse as 2
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
