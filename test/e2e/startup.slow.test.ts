import { COMMANDS } from "../../src/commands/index.ts";
import { helpLoadsLittle } from "../support/loaded.ts";

// The list of checks, which the help of `check` names, comes with the client that carries them out.
helpLoadsLittle(COMMANDS.map(({ name }) => name).filter((name) => name !== "check"));
