#!/usr/bin/env node
require("../dist/entry.cjs"); // oxlint-disable-line import/no-unassigned-import -- the program runs by being loaded
