// A client as a customer writes it from the guide: the variables decide which generation of the API is used.
import { randomUUID } from "node:crypto";

const { BLUUM_BASE_URL, BLUUM_API_KEY, BLUUM_API_SECRET, BLUUM_INVESTOR_ID, BLUUM_ACCOUNT_ID } = process.env;

const authorization = `Basic ${Buffer.from(`${BLUUM_API_KEY}:${BLUUM_API_SECRET}`).toString("base64")}`;

export async function call(method, path, body, headers = {}) {
  const response = await fetch(`${BLUUM_BASE_URL}${path}`, {
    method,
    headers: { authorization, "content-type": "application/json", ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const answer = await response.json();
  if (response.status === 429) {
    await new Promise((resolve) => setTimeout(resolve, Number(response.headers.get("retry-after")) * 1_000));
    return call(method, path, body, headers);
  }
  if (response.ok) return answer;
  const { code, message } = answer.error ?? answer;
  throw Object.assign(new Error(`${method} ${path}: ${response.status} ${code} ${message}`), { code });
}

const once = () => ({ "idempotency-key": randomUUID() });

const current = {
  isCurrent: true,
  owner: `/investors/${BLUUM_INVESTOR_ID}`,
  trading: `/investors/${BLUUM_INVESTOR_ID}`,
  wallets: (answer) => answer.data,
  list: (answer) => answer.data,
  webhook: (answer) => answer,
  transferId: (answer) => answer.id,
  order: (id) => `/investors/${BLUUM_INVESTOR_ID}/orders/${id}`,
  size: "quantity",
  canceled: "cancelled",
  bank: { funding_source_id: "fs_01j9x8m2k7qpzwv3t5r6y8n0ef" },
};

const legacy = {
  isCurrent: false,
  owner: `/accounts/${BLUUM_ACCOUNT_ID}`,
  trading: `/trading/accounts/${BLUUM_ACCOUNT_ID}`,
  wallets: (answer) => answer.wallets,
  list: (answer) => answer,
  webhook: (answer) => answer.data.webhook,
  transferId: (answer) => answer.deposit_id ?? answer.withdrawal_id,
  order: (id) => `/trading/orders/${id}`,
  size: "qty",
  canceled: "canceled",
  bank: { plaid_options: { item_id: "item_abc123", account_id: "acc_1234567890" } },
};

export const api = BLUUM_INVESTOR_ID === undefined ? legacy : current;

export async function balance() {
  const wallets = api.wallets(await call("GET", `${api.owner}/wallets`));
  return Number(wallets.find(({ currency }) => currency === "USD").available_balance);
}

export async function deposit(amount) {
  const body = { amount, currency: "USD", method: "ach", description: "Initial funding", ...api.bank };
  return api.transferId(await call("POST", `${api.owner}/deposits`, body, once()));
}

export async function withdraw(amount) {
  const body = { amount, currency: "USD", method: "ach", ...api.bank };
  return api.transferId(await call("POST", `${api.owner}/withdrawals`, body, once()));
}

export function placeOrder({ quantity, ...order }) {
  return call("POST", `${api.trading}/orders`, { time_in_force: "day", ...order, [api.size]: quantity });
}

export const cancelOrder = (id) => call("POST", `${api.trading}/orders/${id}/cancel`);

export async function positions() {
  return api.list(await call("GET", `${api.trading}/positions`));
}

/** Asks again until the resource has this status, at less than the sandbox's 10 requests per second. */
export async function statusOf(path, wanted) {
  for (;;) {
    const resource = await call("GET", path);
    if (resource.status === wanted) return resource;
    if (["failed", "rejected"].includes(resource.status)) throw new Error(`${path} is ${resource.status}`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}
