import type { BluumClient } from "../bluum/client.ts";
import type { Config } from "../config/config.ts";
import { AppError, Interrupted } from "../core/errors.ts";
import type { Summary } from "../core/facts.ts";
import { FactBus, type FactListener } from "../pipeline/bus.ts";
import { createPipeline } from "../pipeline/pipeline.ts";
import { createSummary } from "../pipeline/summary.ts";
import type { Clock } from "../platform/clock.ts";
import { UndoStack } from "../platform/undo.ts";
import { startReceiver, type Receiver } from "../receiver/receiver.ts";
import type { LockHolder, Store, WebhookChange } from "../store/store.ts";
import { proveReachable } from "../tunnel/self-test.ts";
import { putBackAtExit, recoverAndTell } from "./endings.ts";
import { register } from "./registration.ts";
import { StopWatch, type StopWhen } from "./stop.ts";

export interface ListenOptions {
  readonly environment: string;
  readonly baseUrl: string;
  readonly port: number;
  readonly portOrNext: boolean;
  readonly path: string;
  readonly maxBodyBytes: number;
  /** A public URL that already leads here; null registers the listener's own URL. */
  readonly publicUrl: string | null;
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

export interface ListenDeps {
  readonly store: Store;
  readonly config: Config;
  readonly clock: Clock;
  /** Aborted when the user wants to stop. */
  readonly signal: AbortSignal;
  readonly holder: LockHolder;
  /** A client whose calls end with the given signal. Restoring needs one that outlives the user's wish to stop. */
  readonly api: (signal: AbortSignal) => Promise<BluumClient>;
  readonly onFact: FactListener;
  /** Asks before something that cannot be taken for granted; throws `confirmation_required` where nobody can answer. */
  readonly confirm: (question: string) => Promise<boolean>;
  /** Called once everything is ready: places an order, writes a ready file. */
  readonly onReady: (urls: { publicUrl: string; localUrl: string; webhookId: string | null }) => Promise<void>;
}

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
  const publicUrl = await openPublicUrl(options, deps, receiver, bus, localUrl);

  let webhookId: string | null = null;
  if (options.isRegistering) {
    const api = await deps.api(deps.signal);
    undo.push(() => api[Symbol.asyncDispose]());
    await recoverAndTell(options, deps, api, bus);
    const registered = await register({ ...options, url: publicUrl }, { ...deps, api }, (step) => {
      undo.push(step.release);
      if (step.change !== undefined) {
        const { change } = step;
        undo.push(() => putBackAtExit(options, deps, change, bus));
      }
    });
    webhookId = registered.webhook.id;
    if (registered.secret !== undefined) secrets.push(registered.secret);
    for (const warning of registered.warnings) bus.publish({ type: "warning", ...warning });
    bus.publish({
      type: "registered",
      webhookId,
      action: registered.action,
      url: publicUrl,
      ...(options.printSecret && registered.secret !== undefined ? { secret: registered.secret } : {}),
    });
  }
  bus.publish({
    type: "ready",
    environment: options.environment,
    webhookId,
    publicUrl,
    localUrl,
    forwardUrl: null,
    events: options.events,
  });
  await bus.flush();
  await deps.onReady({ publicUrl, localUrl, webhookId });
  return watch.wait(deps.clock, deps.signal);
}

async function openPublicUrl(
  options: ListenOptions,
  deps: ListenDeps,
  receiver: Receiver,
  bus: FactBus,
  localUrl: string,
): Promise<string> {
  if (options.publicUrl === null) return localUrl;
  const given = new URL(options.publicUrl);
  // A URL with a path of its own is used as it is; a bare origin gets the listener's path.
  const publicUrl = given.pathname === "/" ? new URL(options.path, given).href : given.href;
  if (options.selfTest) {
    bus.publish({ type: "tunnel", state: "connecting", url: publicUrl });
    await bus.flush();
    await proveReachable(given.origin, receiver, deps);
  }
  bus.publish({ type: "tunnel", state: "connected", url: publicUrl });
  return publicUrl;
}
