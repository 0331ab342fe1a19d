import type { Command } from "commander";
import { clean } from "../output/privacy/clean.ts";
import { table } from "../output/reports/table.ts";
import type { CommandDeps, GlobalFlags } from "./shared/command.ts";
import { openWorkspace } from "./shared/workspace.ts";

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
