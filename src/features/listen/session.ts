import { deleteExpired } from "./expired.ts";
import { AppError, Interrupted } from "../../core/errors.ts";
import type { StoredDelivery } from "../../core/delivery.ts";
import type { Summary } from "../../core/facts.ts";
import { FactBus, type FactListener } from "../../delivery/bus.ts";
import { createPipeline, type Pipeline } from "../../delivery/pipeline.ts";
import { followFeed } from "../../delivery/follow-feed.ts";
import { createSummary, type SessionSummary } from "../../delivery/summary.ts";
import type { Backlog } from "../../platform/sinks.ts";
import { orAborted } from "../../platform/abort.ts";
import { UndoStack } from "../../platform/undo.ts";
import { startReceiver } from "../../delivery/receiver.ts";
import type { Store } from "../../store/store.ts";
import { checkDeliveryUrl } from "../webhooks/setting-warnings.ts";
import type { Ingress, PublicUrlDeps } from "./public-url.ts";
import type { InspectedSession } from "../inspector/compose.ts";
import type { Inspector } from "../inspector/open-inspector.ts";
import { openForwarding, type ForwardingOptions } from "./forwarding.ts";
import { announceListener, leadsToPort, loopError } from "./listeners.ts";
import { PeerResponder } from "../webhooks/peer.ts";
import { refusedFact } from "./refused.ts";
import { watchForRefusedSignatures } from "./refused-signatures.ts";
import { watchForSlowAnswers } from "./slow-answers.ts";
import { openReception, type Reception } from "./reception.ts";
import type { RegistrationDeps, RegistrationOptions } from "./registration.ts";
import type { TeamSession } from "../team/team-session.ts";
import { StopWatch, type StopWhen } from "./stop-conditions.ts";
import { DEFAULT_EVENTS, DELIVERY_PATH, LISTEN_PORT } from "../../core/defaults.ts";

/** The options for the listener and for the webhook, whose URL is known only once the listener has a public one. */
export interface ListenOptions extends RegistrationOptions {
  /** The address to bind the listener to; undefined: loopback. */
  readonly host: string | undefined;
  readonly port: number;
  readonly portOrNext: boolean;
  readonly path: string;
  readonly maxBodyBytes: number;
  readonly ingress: Ingress;
  readonly selfTest: boolean;
  readonly isRegistering: boolean;
  readonly secrets: readonly string[];
  readonly signatureHeader: string | undefined;
  readonly requireSignature: boolean;
  /** The app to forward deliveries to. */
  readonly forwarding: ForwardingOptions | undefined;
  /** How long a delivery is kept: older ones are deleted at the start. Undefined: no limit. */
  readonly retentionMs: number | undefined;
  readonly stop: StopWhen;
}

/** The defaults: a session on this machine only. */
export const LISTEN_DEFAULTS = {
  host: undefined,
  port: LISTEN_PORT,
  portOrNext: true,
  path: DELIVERY_PATH,
  maxBodyBytes: 1024 * 1024,
  ingress: { kind: "direct" },
  selfTest: false,
  isRegistering: true,
  events: DEFAULT_EVENTS,
  askedWebhookId: undefined,
  isNew: false,
  onExit: undefined,
  secrets: [],
  signatureHeader: undefined,
  requireSignature: false,
  printSecret: false,
  forwarding: undefined,
  stop: { until: [], count: undefined, timeoutMs: undefined },
} as const satisfies Partial<ListenOptions>;

export interface ListenDeps extends PublicUrlDeps, RegistrationDeps {
  readonly store: Store;
  readonly onFact: FactListener;
  /** The output's backlog; absent if output is never buffered. */
  readonly output?: Backlog | undefined;
  /** Takes part in a team; absent without one. */
  readonly openTeam?: ((bus: FactBus) => Promise<TeamSession>) | undefined;
  /** Opens the inspector for the session; absent without an inspector. */
  readonly openInspector?: ((session: () => InspectedSession | undefined) => Promise<Inspector>) | undefined;
  /** Called once everything is ready: places an order, writes a ready file, reads keys. */
  readonly onReady: (session: ReadySession) => Promise<void>;
}

/** A ready session, for the command that controls it. */
export interface ReadySession {
  readonly urls: {
    readonly publicUrl: string;
    readonly localUrl: string;
    readonly webhookId: string | null;
    readonly inspectorUrl?: string;
  };
  readonly inspector: Inspector | undefined;
  /** The signing secret of the deliveries, if this machine knows it. */
  readonly secret: string | undefined;
  summary(): Summary;
  /** The id of the newest delivery of this session. */
  lastId(): string | undefined;
  /** Sends the newest delivery of this session to the app again; false if there is no app, or no delivery yet. */
  replayLast(): boolean;
  /**
   * Reports that something was triggered: without an event, the session checks whether its webhook still delivers
   * here.
   */
  expectEvent(): void;
  /** Ends the session for this reason. */
  stop(reason: string): void;
  /** Called when the session begins to end, before any cleanup. */
  onEnd(step: () => void): void;
}

/** Listens until it is stopped. If a step fails, the earlier ones are undone. Returns the reason for the end. */
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
    reason = await run(options, deps, { bus, watch, undo, summary });
  } catch (error) {
    const { reason: abortReason } = deps.signal;
    if (abortReason instanceof Interrupted) reason = abortReason.signalName;
    else if (error instanceof AppError) reason = error.code;
    throw error;
  } finally {
    // The summary counts facts when they are passed to listeners.
    await bus.flush();
    bus.publish({ type: "stopped", reason, summary: summary.read() });
    await bus.flush();
  }
  return { reason, summary: summary.read() };
}

async function run(
  options: ListenOptions,
  deps: ListenDeps,
  { bus, watch, undo, summary }: { bus: FactBus; watch: StopWatch; undo: UndoStack; summary: SessionSummary },
): Promise<string> {
  // Removed last, so that store notices from the shutdown are published as well.
  undo.push(deps.store.onNotice((notice) => bus.publish({ type: "warning", ...notice })));
  const secrets = [...options.secrets];
  if (options.isRegistering && options.ingress.kind === "given") {
    const insecure = checkDeliveryUrl(options.ingress.url, options.environment);
    if (insecure !== undefined) bus.publish({ type: "warning", ...insecure });
  }
  if (options.retentionMs !== undefined) await deleteExpired(options.retentionMs, deps, bus);
  const { forwarding } = options;
  // Runs after the receiver and forwarding are closed, so that everything received is published.
  let opened: Pipeline | undefined;
  undo.push(() => publishToTheEnd({ ...deps, bus }, async () => opened?.idle()));
  const drain = async () => {
    await bus.flush();
    await deps.output?.drain();
  };
  const onMissing = (count: number) => {
    const what = count === 1 ? "1 delivery is" : `${count} deliveries are`;
    bus.publish({ type: "warning", code: "store_unavailable", message: `${what} not shown: no longer in the store` });
  };
  void followFeed(deps.store.own, { onFact: (fact) => bus.publish(fact), onMissing, drain });
  const { environment, requireSignature: onlyVerified } = options;
  const team = deps.openTeam && undo.use(await deps.openTeam(bus));
  const what = { environment, onlyVerified, dueIn: team?.dueIn, renew: team?.renew };
  const app = forwarding && undo.use(await openForwarding(forwarding, what, { ...deps, bus }));
  let last: StoredDelivery | undefined;
  bus.subscribe((fact) => {
    if (fact.type === "delivery") last = fact.delivery;
  });
  bus.subscribe(watchForSlowAnswers((fact) => bus.publish(fact)));
  let reception: Reception | undefined;
  if (app !== undefined) {
    const webhookId = () => reception?.webhookId() ?? null;
    bus.subscribe(watchForRefusedSignatures((fact) => bus.publish(fact), webhookId));
  }
  const pipeline = createPipeline({
    log: deps.store,
    bus,
    clock: deps.clock,
    environment: options.environment,
    secrets: () => secrets,
    signatureHeader: options.signatureHeader,
    requireSignature: options.requireSignature,
    onNotStored: () => summary.countUnpublished("notStored"),
    app: forwarding && app && { ack: forwarding.ack, forward: (delivery, stored) => app.forward(delivery, stored) },
    team: () => team?.mark,
  });
  opened = pipeline;
  const peers = new PeerResponder(deps.clock);
  const receiver = await startReceiver({
    port: options.port,
    host: options.host,
    orNext: options.portOrNext,
    path: options.path,
    maxBodyBytes: options.maxBodyBytes,
    clock: deps.clock,
    handle: (request, answer) => pipeline.handle(request, answer),
    onRefused(request) {
      summary.countUnpublished("refused");
      bus.publish(refusedFact(request, options));
    },
    answerPrivately: (headers) => peers.answer(headers),
    giveUp: () => app?.stop(),
  });
  undo.use(receiver);
  const localUrl = `${receiver.origin}${options.path}`;
  // Only now is the port known.
  if (forwarding !== undefined && (await leadsToPort(new URL(forwarding.url), receiver.port, deps.signal))) {
    throw loopError(forwarding.url, `the listener itself, ${localUrl}`);
  }
  let inspected: (() => InspectedSession) | undefined;
  const inspector = deps.openInspector && undo.use(await deps.openInspector(() => inspected?.()));
  const ofInspector = inspector === undefined ? {} : { inspectorUrl: inspector.url };
  bus.publish({ type: "listening", url: localUrl });
  const onSecret = (secret: string) => void (secrets.at(-1) === secret || secrets.push(secret));
  const receiving = { ...deps, receiver, bus, peers, onSecret };
  reception = undo.use(await (team?.receive(options, receiving) ?? openReception(options, receiving)));
  const { events } = reception;
  undo.use(await announceListener(deps, { environment: options.environment, url: localUrl }));
  const forwardUrl = forwarding?.url ?? null;
  const urls = { publicUrl: reception.publicUrl(), localUrl, webhookId: reception.webhookId(), ...ofInspector };
  const known = [...new Set(secrets.toReversed())];
  const expectEvent = () => reception.expectEvent();
  inspected = () => ({ ...urls, publicUrl: reception.publicUrl(), forwardUrl, secrets: known, expectEvent });
  const ofTeam = team === undefined ? {} : { team: team.state };
  bus.publish({ type: "ready", environment: options.environment, ...urls, forwardUrl, events, ...ofTeam });
  await bus.flush();
  app?.begin();
  team?.begin(() => app?.stored());
  await deps.onReady({
    urls,
    inspector,
    secret: secrets.at(-1),
    summary: () => summary.read(),
    lastId: () => last?.id,
    replayLast() {
      if (app === undefined || last === undefined) return false;
      app.replay(last);
      return true;
    },
    expectEvent,
    stop: (reason) => watch.stop(reason),
    onEnd: (step) => undo.push(step),
  });
  const ends = [reception.ended, ...(team === undefined ? [] : [team.failed])];
  const lost = Promise.race(ends).then(() => new Promise<never>(() => {}));
  const reason = await Promise.race([watch.wait(deps.clock, deps.signal), lost]);
  // A normal end waits until the app has received every delivery; an interrupt does not wait.
  if (app !== undefined) await Promise.race([orAborted(app.idle(), deps.signal), lost]);
  return reason;
}

/** Does not wait for a store that cannot index its log, nor, once a stop is requested, for a stalled reader. */
async function publishToTheEnd(
  { store, bus, output, signal }: Pick<ListenDeps, "store" | "output" | "signal"> & { readonly bus: FactBus },
  idle: () => Promise<void>,
): Promise<void> {
  await idle();
  try {
    await store.flush();
  } catch (error) {
    const { unindexed } = store;
    const what = unindexed === 1 ? "1 delivery is stored, but was" : `${unindexed} deliveries are stored, but were`;
    if (unindexed > 0) {
      bus.publish({
        type: "warning",
        code: "store_unavailable",
        message: `${what} not shown: ${error instanceof Error ? error.message : String(error)}`,
        hint: "List the deliveries with: bluum-hooks events list",
      });
    }
    return;
  }
  await Promise.race([store.own.drained(), ...(output === undefined ? [] : [output.abandoned(signal)])]);
}
