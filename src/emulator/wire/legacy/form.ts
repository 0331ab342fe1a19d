import type { ListName, WireForm } from "../form.ts";
import { readNewOwner } from "../owner-body.ts";
import { legacyOrder } from "./order.ts";
import { legacyAccount, legacyAsset, legacyPosition, legacyTransaction, legacyWallets } from "./portfolio.ts";
import { legacyTransfer } from "./transfer.ts";
import { legacyWebhook } from "./webhook.ts";

/** Lists that are answered as an array; the others have their name and the counts of the page. */
const ARRAYS: ReadonlySet<ListName> = new Set(["orders", "positions", "assets"]);

/** The API of the account guides. */
export const legacyForm: WireForm = {
  generation: "legacy",
  owner: { param: "account_id", pattern: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i },
  pages: { usual: 50, max: 100 },
  list(name, _path, { items, total, limit, offset }) {
    if (ARRAYS.has(name)) return items;
    if (name === "webhooks") return { status: "success", data: { webhooks: items } };
    if (name === "wallets") return { wallets: items };
    return { [name]: items, total, limit, offset };
  },
  webhook: legacyWebhook,
  order: legacyOrder,
  transfer: legacyTransfer,
  readOwner: (body) => readNewOwner("legacy", body),
  investor: legacyAccount,
  wallets: legacyWallets,
  position: legacyPosition,
  transaction: legacyTransaction,
  asset: legacyAsset,
};
