import type { WireForm } from "../form.ts";
import { readNewOwner } from "../owner-body.ts";
import { currentOrder } from "./order.ts";
import { currentAsset, currentInvestor, currentPosition, currentTransaction, currentWallets } from "./portfolio.ts";
import { currentTransfer } from "./transfer.ts";
import { currentWebhook } from "./webhook.ts";

/** The API as published in mid-2026. */
export const currentForm: WireForm = {
  generation: "current",
  owner: { param: "investor_id", pattern: /^inv_[A-Za-z0-9]+$/ },
  pages: { usual: 50, max: 200 },
  list: (_name, path, { items, hasMore }) => ({ object: "list", url: path, has_more: hasMore, data: items }),
  webhook: currentWebhook,
  order: currentOrder,
  transfer: currentTransfer,
  readOwner: (body) => readNewOwner("current", body),
  investor: currentInvestor,
  wallets: currentWallets,
  position: currentPosition,
  transaction: currentTransaction,
  asset: currentAsset,
};
