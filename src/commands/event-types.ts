import type { Command } from "commander";
import { clean } from "../output/privacy/clean.ts";
import { table } from "../output/reports/table.ts";
import type { CommandDeps } from "./shared/command.ts";
import { inWorkspace, type Workspace } from "./shared/workspace.ts";

export function define(command: Command, { context }: CommandDeps): void {
  command.action(inWorkspace(context, list));
}

async function list(workspace: Workspace): Promise<void> {
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
}
