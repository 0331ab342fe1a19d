/** Event names that Bluum documents. The set is open: an unknown name is valid input. */
export const EVENT_TYPES = {
  "account.created": "An investor account was created",
  "account.updated": "An investor account changed",
  "order.accepted": "An order was accepted for execution",
  "order.filled": "An order was filled completely",
  "order.partially_filled": "A part of an order was filled",
  "order.canceled": "An order was canceled",
  "order.rejected": "An order was rejected",
  "transfer.deposit.initiated": "A deposit was started",
  "transfer.deposit.completed": "A deposit arrived",
  "transfer.deposit.failed": "A deposit failed",
  "transfer.withdrawal.initiated": "A withdrawal was started",
  "transfer.withdrawal.completed": "A withdrawal was paid out",
  "transfer.withdrawal.failed": "A withdrawal failed",
  "document.approved": "A document passed verification",
  "document.rejected": "A document failed verification",
} as const satisfies Record<string, string>;

export type EventName = keyof typeof EVENT_TYPES;
