import type { HeaderPair, StoredDelivery } from "../../core/delivery.ts";
import { AppError } from "../../core/errors.ts";
import { isAccepted } from "../../core/exchange.ts";
import { findSignatures, verify } from "../../core/signature.ts";
import { createForwarder, type Forwarder, type ForwarderOptions } from "../../delivery/forwarder.ts";
import type { Confirmed } from "../../inspector/api.ts";
import type {
  Preview,
  PreviewRequest,
  ReplayAnswer,
  ReplayFailedAnswer,
  ReplayFailedRequest,
  ReplayRequest,
} from "../../inspector/contract.ts";
import { onAbort } from "../../platform/abort.ts";
import { maskHeaders } from "../../output/export/document.ts";
import type { RowFilter } from "../../store/rows-query.ts";
import type { Store } from "../../store/store.ts";
import { chooseReplays, editDelivery, replayCause, type Edit } from "../events/replay-deliveries.ts";
import { secretMissing } from "../signing/signing.ts";
import { attemptOf, verificationOf } from "./details.ts";
import { chooseTarget, type TargetDeps } from "./targets.ts";

export interface ReplayDeps extends TargetDeps {
  /** The store that records the attempts. */
  readonly store: () => Promise<Pick<Store, "find" | "forwards" | "list" | "recordForward" | "flush">>;
  readonly baseUrl: string;
  /** Secrets for signing deliveries of an environment; the first one is used. */
  readonly secretsOf: (environment: string) => Promise<readonly string[]>;
  /** The session's options for forwarding to its app. */
  readonly sending: Pick<ForwarderOptions, "timeoutMs" | "headers" | "insecure">;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** Sends a delivery again, unchanged or edited, and records the attempt. */
export async function replay(id: string, request: ReplayRequest, deps: ReplayDeps): Promise<Confirmed<ReplayAnswer>> {
  const store = await deps.store();
  const stored = await store.find(id);
  const target = await chooseTarget(request, deps);
  if (target.kind === "confirm") return target;
  const { delivery, isEdited, changes } = await edited(stored, request, deps);
  await using forwarder = forwarderTo(target.url, store, deps);
  const attempt = await forwarder.forward(delivery, replayCause(isEdited, target.url, target.app));
  await store.flush();
  const { length } = await store.forwards(stored.id);
  const signature = signatureHeaders(delivery);
  return { kind: "done", value: { attempt: await attemptOf(attempt, length), changes, signature } };
}

/** Resends the events that the app has never accepted, in order for each resource. */
export async function replayFailed(
  request: ReplayFailedRequest,
  filter: RowFilter,
  deps: ReplayDeps,
): Promise<Confirmed<ReplayFailedAnswer>> {
  const store = await deps.store();
  const target = await chooseTarget(request, deps);
  if (target.kind === "confirm") return target;
  const isResigned = request.resign === true;
  const { chosen, leftOut } = await chooseReplays(store, { filter, onlyFailed: true, isResigned });
  let [sent, accepted] = [0, 0];
  let refusal: unknown;
  await using forwarder = forwarderTo(target.url, store, deps, (outcome) => {
    sent += 1;
    if (isAccepted(outcome)) accepted += 1;
  });
  for (const { id, resourceId } of chosen) {
    const fetch = async () => {
      try {
        return (await edited(await store.find(id), { resign: isResigned }, deps)).delivery;
      } catch (error) {
        refusal ??= error;
        return undefined;
      }
    };
    void forwarder.forwardLater(resourceId, fetch, replayCause(false, target.url, target.app));
  }
  await forwarder.idle();
  await store.flush();
  if (refusal !== undefined) throw refusal;
  return { kind: "done", value: { sent, accepted, leftOut: leftOut.length } };
}

/** Both signatures of an edited body: the stored one, and the one that would be sent. */
export async function preview(id: string, { bodyBase64 }: PreviewRequest, deps: ReplayDeps): Promise<Preview> {
  const stored = await (await deps.store()).find(id);
  const secrets = await deps.secretsOf(stored.environment);
  const { delivery } = await edited(stored, { bodyBase64 }, deps);
  const { headers, verification, receivedAt: now } = stored;
  return {
    original: {
      verification: verificationOf(stored, { environment: stored.environment, secrets }),
      headers: signatureHeaders(stored),
      overEdited: verify({ headers, body: delivery.body, secrets, now, header: verification.header }).verdict,
    },
    edited: {
      headers: signatureHeaders(delivery).filter(([name]) => !/^(?:webhook|svix)-id$/i.test(name)),
      scheme: findSignatures(delivery.headers)[0]?.scheme ?? "",
    },
  };
}

function signatureHeaders({ headers }: Pick<StoredDelivery, "headers">): HeaderPair[] {
  return maskHeaders(headers.filter(([name]) => /signature|hmac|^webhook-|^svix-/i.test(name)));
}

async function edited(stored: StoredDelivery, request: ReplayRequest, deps: ReplayDeps) {
  const body = request.bodyBase64 === undefined ? undefined : readBody(request.bodyBase64);
  const edit: Edit = {
    set: [],
    ...(body === undefined ? {} : { body }),
    signing: request.resign === true || body !== undefined ? { secret: await secretFor(stored, deps) } : undefined,
  };
  return editDelivery(stored, edit, deps.now());
}

async function secretFor({ environment }: StoredDelivery, deps: ReplayDeps): Promise<string> {
  const [secret] = await deps.secretsOf(environment);
  if (secret !== undefined) return secret;
  throw secretMissing({ environment, baseUrl: deps.baseUrl }, "sign");
}

function readBody(base64: string): Buffer {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) throw new AppError("invalid_usage", "bodyBase64 is not base64");
  return Buffer.from(base64, "base64");
}

function forwarderTo(
  url: string,
  store: Pick<Store, "recordForward">,
  { sending, signal }: ReplayDeps,
  onOutcome: (outcome: Parameters<typeof isAccepted>[0]) => void = () => {},
): Forwarder {
  const forwarder = createForwarder({
    ...sending,
    url,
    onAttempt(attempt) {
      store.recordForward(attempt);
      onOutcome(attempt.outcome);
    },
  });
  const listener = onAbort(signal, () => void forwarder[Symbol.asyncDispose]());
  return {
    ...forwarder,
    async [Symbol.asyncDispose]() {
      listener[Symbol.dispose]();
      await forwarder[Symbol.asyncDispose]();
    },
  };
}
