import { COMMANDS } from "../../src/commands/index.ts";
import { helpLoadsLittle } from "../support/loaded.ts";

// The list of checks in the help of `check` is in the same chunk as the client that runs them.
helpLoadsLittle(COMMANDS.map(({ name }) => name).filter((name) => name !== "check"));
