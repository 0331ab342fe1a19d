import type { PublishedCall } from "./call.ts";

export const ACCOUNT = "/accounts/$ACCOUNT_ID";
export const TRADING = "/trading/accounts/$ACCOUNT_ID";
export const ACCOUNT_ID = "3d0b0e65-35d3-4dcd-8df7-10286ebb4b4b";

/** What an app reads after its orders. */
export const LEGACY_READS: readonly PublishedCall[] = [
  {
    page: "api-reference/positions",
    does: "lists the positions",
    needsMarket: true,
    style: "reference",
    method: "GET",
    path: `${TRADING}/positions`,
    status: 200,
    answer: [
      {
        id: "text",
        account_id: ACCOUNT_ID,
        asset_id: "c83e6841-3621-4e9a-946f-78559cf08fe0",
        quantity: "10.0000",
        average_cost_basis: "270.5800",
        total_cost_basis: "400.00",
        current_price: "175.0000",
        last_transaction_at: "2026-01-02T20:40:18.976Z",
        created_at: "2026-01-02T20:40:18.977Z",
        updated_at: "2026-01-02T20:40:18.977Z",
      },
    ],
  },
  {
    page: "api-reference/accounts/list-all-wallets-for-an-account",
    does: "lists the wallets",
    style: "reference",
    method: "GET",
    path: `${ACCOUNT}/wallets`,
    status: 200,
    answer: {
      wallets: [
        {
          wallet_id: "text",
          currency: "USD",
          balance: "1500.00",
          available_balance: "1200.00",
          reserved_balance: "300.00",
          status: "active",
          created_at: "2025-01-15T10:30:00Z",
        },
      ],
    },
  },
];
