import type { Context } from "../../context.ts";
import { ANSWER_TIMEOUT_MS } from "../../core/delivery-policy.ts";
import { AppError } from "../../core/errors.ts";
import type { InspectedSession } from "../../features/inspector/compose.ts";
import { prepareEvent, sendEvent, signingSecret } from "../../features/events/send-event.ts";
import { payloadOfEmulator } from "../../features/emulator/use-emulator.ts";
import { requireListener } from "../../features/listen/listeners.ts";
import { DEFAULT_ORDER, placeOrder } from "../../features/trigger/actions.ts";
import type { TriggerAnswer, TriggerRequest } from "../../inspector/contract.ts";
import { createPoster } from "../../platform/post.ts";
import { decimal, eventName, symbol } from "./parse.ts";
import type { Workspace } from "./workspace.ts";

/** Runs `trigger order` or `trigger event`. Throws their errors. */
export async function triggerFrom(
  request: TriggerRequest,
  workspace: Workspace,
  context: Pick<Context, "clock" | "signal">,
  session: () => InspectedSession | undefined,
): Promise<TriggerAnswer> {
  const { settings } = workspace;
  if (request.what === "order") {
    const order = {
      ...DEFAULT_ORDER,
      symbol: checked("symbol", symbol, request.symbol ?? DEFAULT_ORDER.symbol),
      side: request.side ?? DEFAULT_ORDER.side,
      quantity: checked("quantity", decimal, request.quantity ?? "1"),
    };
    const { id, status } = await placeOrder(settings, await workspace.api(), order);
    session()?.expectEvent();
    return { resourceId: id, status };
  }
  const event = checked("event", eventName, request.event);
  const known = session();
  const { environment, baseUrl } = settings;
  const [secret = signingSecret(settings, "signed")] = known?.secrets ?? [];
  const delivery = prepareEvent(
    {
      event,
      generation: settings.owner?.generation ?? "current",
      form: environment === "emulator" ? await payloadOfEmulator(baseUrl, context.signal) : undefined,
      owner: settings.owner,
      set: [],
      variant: "signed",
      scheme: "standard-webhooks",
    },
    { secret, now: context.clock.now() },
  );
  const url = known?.localUrl ?? (await requireListener(await workspace.storeReader(), settings)).url;
  await using poster = createPoster({ insecure: false });
  const outcome = await sendEvent(poster, delivery, { url, timeoutMs: ANSWER_TIMEOUT_MS, signal: context.signal });
  if (outcome.kind === "failed") throw new AppError("endpoint_unreachable", `${url}: ${outcome.message}`);
  return { resourceId: delivery.resourceId, status: String(outcome.status) };
}

function checked(name: string, parse: (text: string) => string, text: string): string {
  try {
    return parse(text);
  } catch (error) {
    const rule = error instanceof Error ? error.message : String(error);
    throw new AppError("invalid_usage", `invalid ${name} ${JSON.stringify(text)}: ${rule}`);
  }
}
