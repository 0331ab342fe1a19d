import type { ApiRequest } from "../../bluum/api-request.ts";
import type { BluumClient } from "../../bluum/client.ts";
import { orderRequest, type NewOrder } from "../../bluum/order-request.ts";
import { transferRequest, type NewTransfer, type TransferKind } from "../../bluum/transfer-request.ts";
import type { Order } from "../../bluum/wire/order.ts";
import { requireOwner, type PlaceGuard, type Settings } from "../../config/settings.ts";
import { isProductionUrl, isSameServer } from "../../core/environments.ts";
import { AppError } from "../../core/errors.ts";
import { newId } from "../../platform/ids.ts";

/** Throws `production_refused` for everything that may move real money, whatever else was said. */
export const refuseProduction: PlaceGuard = ({ environment, baseUrl, productionUrl }) => {
  const isNamed = productionUrl !== undefined && isSameServer(baseUrl, productionUrl);
  if (environment !== "production" && !isProductionUrl(baseUrl) && !isNamed) return;
  throw new AppError("production_refused", "trigger spends money, and never does so in production", {
    hint:
      environment === "production"
        ? "Use --env sandbox or --env emulator."
        : `Take ${baseUrl} out of --base-url, BLUUM_BASE_URL and the profile: it is production's, whatever --env says.`,
  });
};

/** Throws `production_refused` where another environment is said to be at a URL of production's: that can only be a mistake. */
export const refuseDisguised: PlaceGuard = ({ environment, baseUrl }) => {
  if (environment !== "production") refuseProduction({ environment, baseUrl, productionUrl: undefined });
};

/** The smallest order that makes events. */
export const DEFAULT_ORDER: NewOrder = {
  symbol: "AAPL",
  side: "buy",
  type: "market",
  timeInForce: "day",
  quantity: "1",
};

/** The request for an order of the owner that the settings name; it carries an idempotency key of its own. */
export function prepareOrder(settings: Settings, order: NewOrder): ApiRequest {
  refuseProduction(settings);
  const key = newId("bh");
  return orderRequest(requireOwner(settings), { clientOrderId: key, ...order }, key);
}

/** Places an order in the generation that the owner's id chooses. A retry never buys twice. */
export async function placeOrder(
  settings: Settings,
  api: BluumClient,
  order: NewOrder = DEFAULT_ORDER,
): Promise<Order> {
  return api.createOrder(prepareOrder(settings, order));
}

/** The request for a deposit or withdrawal; it carries an idempotency key of its own. */
export function prepareTransfer(settings: Settings, kind: TransferKind, transfer: NewTransfer): ApiRequest {
  refuseProduction(settings);
  return transferRequest(kind, requireOwner(settings), transfer, newId("bh"));
}
