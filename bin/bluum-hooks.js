#!/usr/bin/env node
import "../dist/main.js"; // oxlint-disable-line import/no-unassigned-import -- the program runs by being loaded
