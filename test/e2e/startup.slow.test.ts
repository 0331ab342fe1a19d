import { COMMANDS } from "../../src/commands/index.ts";
import { helpLoadsLittle } from "../support/loaded.ts";

helpLoadsLittle(COMMANDS.map(({ name }) => name));
