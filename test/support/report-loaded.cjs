// Required by a child process before the program: on its way out it says on descriptor 3 what it has loaded.
const { writeSync } = require("node:fs");
const { Session } = require("node:inspector");
const path = require("node:path");

const files = new Map();
const session = new Session();
session.connect();
session.on("Debugger.scriptParsed", ({ params: { url, length } }) => {
  if (/^(?:file:|[\\/]|[A-Z]:)/.test(url) && !url.includes(path.basename(__filename)))
    files.set(path.basename(url), length);
});
session.post("Debugger.enable");

let segmenters = 0;
const { Segmenter } = Intl;
Intl.Segmenter = class extends Segmenter {
  constructor(...options) {
    super(...options);
    segmenters += 1;
  }
};

process.on("exit", () => {
  const report = { files: Object.fromEntries(files), builtins: process.moduleLoadList, segmenters };
  writeSync(3, JSON.stringify(report));
});
