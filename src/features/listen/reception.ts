import type { FactBus } from "../../delivery/bus.ts";
import type { Receiver } from "../../delivery/receiver.ts";
import { UndoStack } from "../../platform/undo.ts";
import type { PeerResponder } from "../webhooks/peer.ts";
import { loopError } from "./listeners.ts";
import { openPublicUrl, type Ingress, type PublicUrl, type PublicUrlDeps } from "./public-url.ts";
import { register, type Registration, type RegistrationDeps, type RegistrationOptions } from "./registration.ts";

/** How the API's deliveries reach this session, until disposed. */
export interface Reception extends AsyncDisposable {
  publicUrl(): string;
  webhookId(): string | null;
  /** Null: those of a webhook whose events the API does not return. */
  readonly events: readonly string[] | null;
  /** Rejects when nothing can be received any more. */
  readonly ended: Promise<void>;
  /** Reports that something was triggered: if no event is received, the webhook is checked. */
  expectEvent(): void;
}

export interface ReceptionOptions extends RegistrationOptions {
  readonly ingress: Ingress;
  readonly path: string;
  readonly maxBodyBytes: number;
  readonly selfTest: boolean;
  readonly isRegistering: boolean;
  /** The app, to which the public URL must not lead. */
  readonly forwarding: { readonly url: string } | undefined;
}

export interface ReceptionDeps extends Omit<PublicUrlDeps, "store">, RegistrationDeps {
  readonly receiver: Receiver;
  readonly bus: FactBus;
  readonly peers: PeerResponder;
  /** Called with a signing secret of the deliveries. */
  readonly onSecret: (secret: string) => void;
}

/** Opens the public URL. Throws `invalid_usage` if it leads to the app. */
export async function openIngress(options: ReceptionOptions, deps: ReceptionDeps): Promise<PublicUrl> {
  const { ingress, forwarding } = options;
  const publicUrl = await openPublicUrl(ingress, options, deps);
  if (forwarding !== undefined && new URL(forwarding.url).host === new URL(publicUrl.current()).host) {
    await publicUrl[Symbol.asyncDispose]();
    throw loopError(forwarding.url, `the listener, by its public URL ${publicUrl.current()}`);
  }
  return publicUrl;
}

/** Opens the public URL, and points a webhook of this session at it. */
export async function openReception(options: ReceptionOptions, deps: ReceptionDeps): Promise<Reception> {
  await using undo = new UndoStack();
  const publicUrl = undo.use(await openIngress(options, deps));
  let registration: Registration | undefined;
  if (options.isRegistering) {
    registration = undo.use(await register(options, deps, publicUrl, deps.peers));
    if (registration.secret !== undefined) deps.onSecret(registration.secret);
  }
  const steps = undo.move();
  return {
    publicUrl: () => publicUrl.current(),
    webhookId: () => registration?.webhookId ?? null,
    events: registration?.events === null ? null : options.events,
    ended: publicUrl.ended,
    expectEvent: () => registration?.expectEvent(),
    [Symbol.asyncDispose]: () => steps[Symbol.asyncDispose](),
  };
}
