import type { FrameworkName } from "./names.ts";

/** The subject of a remedy that differs between frameworks. */
export type RemedyTopic = "bodyLimit" | "rawBody" | "contentType" | "emptyBody" | "malformedJson" | "csrf";

/** A feature of a response that identifies a framework: all of its parts must match. */
export interface Sign {
  /** By lower-case name. */
  readonly headers?: Readonly<Record<string, RegExp>>;
  /** Headers that the framework does not send, in lower case. */
  readonly without?: readonly string[];
  /** Matched against the beginning of the response's text, with its markup. */
  readonly body?: RegExp;
}

export interface Framework {
  readonly name: FrameworkName;
  readonly title: string;
  /** One of them is enough; none: the framework cannot be recognized. */
  readonly signs: readonly Sign[];
  /** Sentences. A missing one is the same for all frameworks. */
  readonly remedies: Readonly<Record<Exclude<RemedyTopic, "csrf">, string>> & { readonly csrf?: string };
}
