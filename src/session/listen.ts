import type { BluumClient } from "../bluum/client.ts";
import type { Config } from "../config/config.ts";
import { AppError, Interrupted } from "../core/errors.ts";
import type { Summary } from "../core/facts.ts";
import { FactBus, type FactListener } from "../pipeline/bus.ts";
import { createPipeline } from "../pipeline/pipeline.ts";
import { createSummary } from "../pipeline/summary.ts";
import { UndoStack } from "../platform/undo.ts";
import { startReceiver } from "../receiver/receiver.ts";
import type { LockHolder, Store, WebhookChange } from "../store/store.ts";
import { openPublicUrl, type PublicUrlDeps, type Way } from "./public-url.ts";
import { putBackAtExit, recoverAndTell } from "./endings.ts";
import { attach } from "./attach.ts";
import { followUrl } from "./follow-url.ts";
import { StopWatch, type StopWhen } from "./stop.ts";

export interface ListenOptions {
  readonly environment: string;
  readonly baseUrl: string;
  readonly port: number;
  readonly portOrNext: boolean;
  readonly path: string;
  readonly maxBodyBytes: number;
  readonly way: Way;
  readonly selfTest: boolean;
  readonly isRegistering: boolean;
  readonly events: readonly string[];
  readonly name: string;
  readonly askedWebhookId: string | undefined;
  readonly isNew: boolean;
  /** Undefined: `deactivate` what we created, `restore` what existed. */
  readonly onExit: WebhookChange["onExit"] | undefined;
  readonly secrets: readonly string[];
  readonly signatureHeader: string | undefined;
  readonly requireSignature: boolean;
  readonly printSecret: boolean;
  readonly stop: StopWhen;
}

export interface ListenDeps extends PublicUrlDeps {
  readonly store: Store;
  readonly config: Config;
  readonly holder: LockHolder;
  /** A client whose calls end with the given signal. Restoring needs one that outlives the user's wish to stop. */
  readonly api: (signal: AbortSignal) => Promise<BluumClient>;
  readonly onFact: FactListener;
  /** Asks before something that cannot be taken for granted; throws `confirmation_required` where nobody can answer. */
  readonly confirm: (question: string) => Promise<boolean>;
  /** Called once everything is ready: places an order, writes a ready file. */
  readonly onReady: (urls: { publicUrl: string; localUrl: string; webhookId: string | null }) => Promise<void>;
}

/** How long a delivery is kept. */
const RETENTION_MS = 30 * 24 * 60 * 60 * 1000;

/** Listens until told to stop. Each step is undone in reverse when a later one fails. Returns the reason for the end. */
export async function listen(options: ListenOptions, deps: ListenDeps): Promise<{ reason: string; summary: Summary }> {
  const bus = new FactBus(deps.clock);
  const summary = createSummary();
  const watch = new StopWatch(options.stop);
  bus.subscribe((fact) => summary.count(fact));
  bus.subscribe(deps.onFact);
  bus.subscribe((fact) => watch.see(fact));
  let reason = "error";
  try {
    await using undo = new UndoStack();
    reason = await run(options, deps, { bus, watch, undo });
  } catch (error) {
    const { reason: wish } = deps.signal;
    if (wish instanceof Interrupted) reason = wish.signalName;
    else if (error instanceof AppError) reason = error.code;
    throw error;
  } finally {
    bus.publish({ type: "stopped", reason, summary: summary.read() });
    await bus.flush();
  }
  return { reason, summary: summary.read() };
}

async function run(
  options: ListenOptions,
  deps: ListenDeps,
  { bus, watch, undo }: { bus: FactBus; watch: StopWatch; undo: UndoStack },
): Promise<string> {
  const secrets = [...options.secrets];
  await deps.store.prune(deps.clock.now() - RETENTION_MS);
  const receiver = await startReceiver({
    port: options.port,
    orNext: options.portOrNext,
    path: options.path,
    maxBodyBytes: options.maxBodyBytes,
    clock: deps.clock,
    handle: createPipeline({
      log: deps.store,
      bus,
      clock: deps.clock,
      environment: options.environment,
      secrets: () => secrets,
      signatureHeader: options.signatureHeader,
      requireSignature: options.requireSignature,
    }),
  });
  undo.push(() => receiver[Symbol.asyncDispose]());
  const localUrl = `${receiver.origin}${options.path}`;
  bus.publish({ type: "listening", url: localUrl });
  const publicUrl = await openPublicUrl(options.way, options, { ...deps, receiver, bus, undo });

  let webhookId: string | null = null;
  if (options.isRegistering) {
    const api = await deps.api(deps.signal);
    undo.push(() => api[Symbol.asyncDispose]());
    await recoverAndTell(options, deps, api, bus);
    // What is to be put back at the end. Another change takes its place when the URL moves.
    const held: WebhookChange[] = [];
    const registered = await attach({ ...options, url: publicUrl.current() }, { ...deps, api }, (step) => {
      undo.push(step.release);
      if (step.change === undefined) return;
      held.push(step.change);
      undo.push(async () => {
        for (const change of held.toReversed()) await putBackAtExit(options, deps, change, bus);
      });
    });
    held.splice(0, held.length, registered.change);
    webhookId = registered.webhook.id;
    if (registered.secret !== undefined) secrets.push(registered.secret);
    for (const warning of registered.warnings) bus.publish({ type: "warning", ...warning });
    bus.publish({
      type: "registered",
      webhookId,
      action: registered.action,
      url: registered.webhook.url,
      ...(options.printSecret && registered.secret !== undefined ? { secret: registered.secret } : {}),
    });
    const follow = followUrl({ ...options, webhookId }, { ...deps, api, bus }, publicUrl, held);
    undo.push(() => follow.stop());
    publicUrl.onMoved(() => follow.moved());
  }
  bus.publish({
    type: "ready",
    environment: options.environment,
    webhookId,
    publicUrl: publicUrl.current(),
    localUrl,
    forwardUrl: null,
    events: options.events,
  });
  await bus.flush();
  await deps.onReady({ publicUrl: publicUrl.current(), localUrl, webhookId });
  const lost = publicUrl.ended.then(() => new Promise<never>(() => {}));
  return Promise.race([watch.wait(deps.clock, deps.signal), lost]);
}
