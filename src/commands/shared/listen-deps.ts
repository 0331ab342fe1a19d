import type { Context } from "../../context.ts";
import { proxyFor } from "../../core/proxy.ts";
import type { ListenDeps } from "../../features/listen/session.ts";
import type { Workspace } from "./workspace.ts";

/** The dependencies of a listening session. `what` names the command in messages about its locks. */
export async function listenDeps(
  workspace: Workspace,
  context: Context,
  what: string,
  onReady: ListenDeps["onReady"],
): Promise<ListenDeps> {
  return {
    store: await workspace.store(),
    config: workspace.config,
    clock: context.clock,
    signal: context.signal,
    holder: { ...workspace.holder, what },
    whoami: context.whoami,
    probe: workspace.probe,
    api: (signal) => workspace.api(signal),
    version: context.version,
    proxyFor: (url) => proxyFor(url, workspace.env),
    openNgrok: (options) => context.openNgrok(options),
    openProgramTunnel: (options) => context.openProgramTunnel(options),
    env: workspace.env,
    output: context.stdout.backlog,
    onFact: (fact) => workspace.renderer.fact(fact),
    confirm: (question) => workspace.confirm(question),
    onReady,
  };
}
