import type { Context } from "../../context.ts";
import { AppError } from "../../core/errors.ts";
import { ANSWER_TIMEOUT_MS } from "../../core/delivery-policy.ts";
import type { InspectedSession, InspectorDeps } from "../../features/inspector/compose.ts";
import type { Inspector } from "../../features/inspector/open-inspector.ts";
import type { GlobalFlags } from "./command.ts";
import { appUrl } from "./parse.ts";
import { since, until } from "./parse-time.ts";
import { endpointUrl } from "./values.ts";
import { openWorkspace, type Workspace } from "./workspace.ts";

/** The options of a replay without a session. */
export const REPLAY_DEFAULTS: InspectorDeps["sending"] = { timeoutMs: ANSWER_TIMEOUT_MS, headers: [], insecure: false };

type InspectorSituation = Pick<InspectorDeps, "isWritable" | "session" | "sending">;

/** The dependencies of the inspector. Nothing is opened before a page requests it. */
export function inspectorDeps(
  flags: GlobalFlags,
  workspace: Workspace,
  context: Context,
  situation: InspectorSituation,
): InspectorDeps {
  const { settings } = workspace;
  const { environment } = settings;
  return {
    ...situation,
    version: context.version,
    folder: workspace.folder,
    assetsFolder: context.inspectorFolder,
    environment,
    baseUrl: settings.baseUrl,
    reader: async () => workspace.storeReader(),
    store: () => workspace.store(),
    secretsOf: (wanted) => secretsOf(wanted, flags, workspace, context, situation.session),
    readTarget: (text) => endpointUrl(appUrl(text), context),
    moments: (now) => ({ since: since(now), until: until(now) }),
    trigger:
      environment === "production"
        ? undefined
        : async (request) => {
            const { triggerFrom } = await import("./inspector-trigger.ts");
            return triggerFrom(request, workspace, context, situation.session);
          },
    mask: (text) => context.secrets.mask(text),
    now: () => context.clock.now(),
    signal: context.signal,
  };
}

async function secretsOf(
  environment: string,
  flags: GlobalFlags,
  workspace: Workspace,
  context: Context,
  session: () => InspectedSession | undefined,
): Promise<readonly string[]> {
  const { settings } = workspace;
  if (environment === settings.environment) {
    return [...new Set([...(session()?.secrets ?? []), ...settings.webhookSecrets])];
  }
  try {
    await using other = await openWorkspace({ ...flags, env: environment }, context);
    return other.settings.webhookSecrets;
  } catch (error) {
    // An environment that is not set up has none.
    if (error instanceof AppError) return [];
    throw error;
  }
}

/** Opens the inspector's page in the user's browser, or prints how to open it. */
export async function openInspectorPage(
  inspector: Inspector | undefined,
  { openUrl, say }: Pick<Context, "openUrl"> & Pick<Workspace, "say">,
): Promise<void> {
  if (inspector === undefined) return say("There is no inspector: remove --no-inspect to start it.");
  if (!(await openUrl(inspector.urlForOnce()))) say(`Cannot open a browser. Open this URL: ${inspector.url}`);
}
