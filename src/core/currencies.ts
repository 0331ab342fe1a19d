/** The currencies of wallets, which only the current API has; the legacy API knows US dollars. */
export const CURRENCIES = ["USD", "NGN", "GBP", "EUR", "KES"] as const;
export type Currency = (typeof CURRENCIES)[number];
