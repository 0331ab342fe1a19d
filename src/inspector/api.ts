import type {
  ConfirmTarget,
  Counts,
  DeliveryPage,
  Detail,
  ExportFormat,
  FailedPlace,
  Preview,
  PreviewRequest,
  ReplayAnswer,
  ReplayFailedAnswer,
  ReplayFailedRequest,
  ReplayRequest,
  Session,
  Stats,
  StreamEvents,
  Timeline,
  TriggerAnswer,
  TriggerRequest,
} from "./contract.ts";

/** The result, or the question that must be confirmed first. */
export type Confirmed<Done> =
  { readonly kind: "done"; readonly value: Done } | { readonly kind: "confirm"; readonly question: ConfirmTarget };

export interface Download {
  readonly id: string;
  readonly bytes: Uint8Array;
}

/** Everything after `after`, up to `head`; or a note that it is too much. */
export type StreamBatch =
  | { readonly kind: "gap"; readonly head: number }
  | {
      readonly kind: "changed";
      readonly head: number;
      readonly rows: StreamEvents["rows"] | undefined;
      readonly update: StreamEvents["update"] | undefined;
      readonly counts: Counts | undefined;
    };

/** What the server provides. Every method rejects with an `AppError`. `q` is the text above the list. */
export interface InspectorApi {
  session(): Promise<Session>;
  page(query: {
    readonly q: string;
    readonly upTo: number | undefined;
    readonly before: number | undefined;
    readonly offset: number | undefined;
    readonly limit: number;
  }): Promise<DeliveryPage>;
  failed(query: {
    readonly q: string;
    readonly upTo: number;
    readonly seq: number;
    readonly side: "older" | "newer";
  }): Promise<FailedPlace>;
  counts(upTo: number | undefined): Promise<Counts>;
  detail(id: string): Promise<Detail>;
  body(id: string): Promise<Download>;
  attemptBody(id: string, n: number): Promise<Download>;
  timeline(resource: string): Promise<Timeline>;
  stats(q: string): Promise<Stats>;
  /** The end of the feed. */
  head(): Promise<number>;
  next(query: {
    readonly q: string;
    readonly after: number;
    readonly maxBehind: number;
    readonly countsAfter: number | null;
    readonly waitMs: number;
  }): Promise<StreamBatch>;
  /** Rejects before the first piece if nothing can be exported. */
  export(query: {
    readonly q: string;
    readonly id: string | undefined;
    readonly format: ExportFormat;
    readonly isRedacted: boolean;
  }): Promise<AsyncIterable<string>>;
  replay(id: string, request: ReplayRequest): Promise<Confirmed<ReplayAnswer>>;
  replayFailed(request: ReplayFailedRequest): Promise<Confirmed<ReplayFailedAnswer>>;
  preview(id: string, request: PreviewRequest): Promise<Preview>;
  trigger(request: TriggerRequest): Promise<TriggerAnswer>;
}
