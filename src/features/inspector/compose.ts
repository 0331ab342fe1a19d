import { AppError } from "../../core/errors.ts";
import { CATALOGUE } from "../../core/events.ts";
import type { InspectorApi } from "../../inspector/api.ts";
import { createInspectorApp, type InspectorApp } from "../../inspector/app.ts";
import type { Session, TriggerAnswer, TriggerRequest } from "../../inspector/contract.ts";
import type { ExportQuery, InspectorReads } from "./reads.ts";
import { maskUrl } from "../../output/privacy/mask.ts";
import { readFilterWords, type MomentReaders } from "./filter-words.ts";
import { preview, replay, replayFailed, type ReplayDeps } from "./replays.ts";
import { startReads } from "./start-reads.ts";
import { defaultTarget } from "./targets.ts";

/** The session of `listen`; absent if the inspector shows the history only. */
export interface InspectedSession {
  /** Secrets that may have signed its deliveries; the first one is used for signing. */
  readonly secrets: readonly string[];
  readonly webhookId: string | null;
  readonly localUrl: string;
  readonly publicUrl: string;
  readonly forwardUrl: string | null;
  /** Reports that something was triggered: if no event is received, the webhook is checked. */
  expectEvent(): void;
}

export interface InspectorDeps extends Omit<ReplayDeps, "forwardUrl"> {
  readonly version: string;
  /** The data folder, which contains the store. */
  readonly folder: string;
  readonly assetsFolder: string;
  /** Whether this process may write to the store, and has it open. */
  readonly isWritable: boolean;
  /** Undefined if no listener runs in this process, or not yet. */
  readonly session: () => InspectedSession | undefined;
  readonly moments: (now: number) => MomentReaders;
  /** Places an order or sends an event; undefined for an environment with real money. */
  readonly trigger: ((request: TriggerRequest) => Promise<TriggerAnswer>) | undefined;
  /** Masks secrets. */
  readonly mask: (text: string) => string;
}

/** How exact relative times are. */
const MOMENT_MS = 60_000;

/** Creates everything that answers the inspector's requests; loaded at the first request. */
export async function composeInspector(
  deps: InspectorDeps,
  server: { readonly port: number; readonly token: string; readonly tickets: Set<string> },
): Promise<InspectorApp & AsyncDisposable> {
  const place = { folder: deps.folder, isWritable: deps.isWritable };
  const reads = await startReads(place);
  // Queries that take seconds in a large store must not delay the list.
  let slow: ReturnType<typeof startReads> | undefined;
  const app = createInspectorApp({ ...server, ...deps, api: apiOf(reads, () => (slow ??= startReads(place)), deps) });
  return {
    ...app,
    async [Symbol.asyncDispose]() {
      const others = slow?.then((opened) => opened[Symbol.asyncDispose]()).catch(() => {});
      await Promise.all([reads[Symbol.asyncDispose](), others]);
    },
  };
}

function apiOf(reads: InspectorReads, slowReads: () => Promise<InspectorReads>, deps: InspectorDeps): InspectorApi {
  // All pages of a list count from the same moment: `since:1h` must not be another filter for each.
  let moment = 0;
  const filterOf = (q: string) => {
    if (Math.abs(deps.now() - moment) > MOMENT_MS) moment = deps.now();
    return readFilterWords(q, deps.moments(moment));
  };
  const acting: ReplayDeps = { ...deps, forwardUrl: () => deps.session()?.forwardUrl ?? null };
  const sessionOf = async (): Promise<Session> => {
    const session = deps.session();
    const forwardUrl = await defaultTarget(acting);
    return {
      version: deps.version,
      environment: deps.environment,
      isListening: session !== undefined,
      webhookId: session?.webhookId ?? null,
      localUrl: session?.localUrl ?? null,
      publicUrl: session?.publicUrl ?? null,
      forwardUrl: forwardUrl === null ? null : maskUrl(forwardUrl),
      canSign: (await deps.secretsOf(deps.environment)).length > 0,
      triggers: deps.trigger === undefined ? null : CATALOGUE,
    };
  };
  return {
    session: sessionOf,
    page: ({ q, ...query }) => reads.page({ ...query, filter: filterOf(q) }),
    failed: ({ q, ...query }) => reads.failed({ ...query, filter: filterOf(q) }),
    counts: (upTo) => reads.counts({ upTo }),
    async detail(id) {
      const { environment } = deps;
      return reads.detail({ id, known: { environment, secrets: await deps.secretsOf(environment) } });
    },
    body: (id) => reads.body({ id }),
    attemptBody: (id, n) => reads.attemptBody({ id, n }),
    timeline: (resource) => reads.timeline({ resource }),
    async stats(q) {
      const filter = filterOf(q);
      return (await slowReads()).stats({ filter });
    },
    head: () => reads.head({}),
    next: ({ q, ...query }) => reads.next({ ...query, filter: filterOf(q) }),
    async export({ q, ...query }) {
      return pieces(await slowReads(), { ...query, filter: filterOf(q), version: deps.version });
    },
    replay: (id, request) => replay(id, request, acting),
    replayFailed: (request) => replayFailed(request, filterOf(request.q ?? ""), acting),
    preview: (id, request) => preview(id, request, acting),
    async trigger(request) {
      if (deps.trigger !== undefined) return deps.trigger(request);
      throw new AppError("production_refused", "nothing is triggered in production");
    },
  };
}

async function pieces(reads: InspectorReads, query: ExportQuery): Promise<AsyncIterable<string>> {
  const number = await reads.exportBegin(query);
  return (async function* () {
    try {
      for (;;) {
        const piece = await reads.exportNext({ number });
        if (piece === null) return;
        yield piece;
      }
    } finally {
      await reads.exportEnd({ number });
    }
  })();
}
