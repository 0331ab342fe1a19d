import type { Command } from "commander";
import type { GlobalFlags } from "../cli.ts";
import { clean } from "../output/clean.ts";
import { table } from "../output/table.ts";
import type { CommandDeps } from "./command.ts";
import { openWorkspace } from "./workspace.ts";

export function define(command: Command, { context }: CommandDeps): void {
  command.action(async (_flags: unknown, self: Command) => {
    await using workspace = await openWorkspace(self.optsWithGlobals<GlobalFlags>(), context);
    const types = await (await workspace.api()).listEventTypes();
    workspace.print(
      types.map(({ unknown, ...type }) => ({ ...unknown, ...type })),
      () =>
        table(
          ["EVENT", "DESCRIPTION"],
          types.map(({ name, description }) => [clean(name), clean(description ?? "")]),
          workspace.style,
        ),
    );
  });
}
