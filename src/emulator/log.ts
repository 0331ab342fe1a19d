/** An entry of the emulator's log; `at` is Unix time in milliseconds. */
export type LogEntry = { readonly at: number } & (
  | {
      readonly type: "request";
      readonly method: string;
      readonly path: string;
      readonly status: number;
      readonly requestId: string;
    }
  | {
      readonly type: "attempt";
      readonly deliveryId: string;
      readonly event: string;
      readonly url: string;
      readonly attempt: number;
      readonly status: number | null;
      readonly error: string | null;
    }
  | { readonly type: "dead-letter"; readonly deliveryId: string; readonly event: string; readonly url: string }
  /** A webhook delivers to a host other than this machine. */
  | { readonly type: "outside"; readonly webhookId: string; readonly url: string }
  | { readonly type: "fault"; readonly message: string }
);

/** An entry without its time, as the caller reports it. */
export type NewLogEntry = LogEntry extends infer Each ? (Each extends LogEntry ? Omit<Each, "at"> : never) : never;
