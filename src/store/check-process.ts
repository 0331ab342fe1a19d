// The program that reads a large store for `checkIntegrity`: a separate process, because it can be killed.
import { quickCheck } from "./quick-check.ts";

const [file = ""] = process.argv.slice(2);
process.send?.(quickCheck(file));
process.disconnect();
