import currentSamples from "./samples/current.json" with { type: "json" };
import legacySamples from "./samples/legacy.json" with { type: "json" };

/** The two generations of the API; the kind of the owner's id selects one. */
export type Generation = "current" | "legacy";

/** A payload in the API's published format. Decimals are strings. */
export interface SamplePayload {
  readonly event: string;
  /** ISO 8601 in UTC, whole seconds. */
  readonly timestamp: string;
  readonly data: { readonly id: string; readonly [field: string]: unknown };
}

export interface SampleOptions {
  /** Unix time in milliseconds; it becomes the timestamp. */
  readonly now: number;
  /**
   * `data.id`, or a function that makes it from the sample's own (`newIdLike`); absent: the sample's own. Two samples
   * with the same event, id and second are the same event, as they would be from the API.
   */
  readonly resourceId?: string | ((like: string) => string) | undefined;
  /**
   * The investor or account that the event concerns; absent: the sample's own. In an account event it is also
   * `data.id`.
   */
  readonly ownerId?: string | undefined;
}

const SAMPLES: Readonly<Record<Generation, Readonly<Record<string, SamplePayload>>>> = {
  current: currentSamples,
  legacy: legacySamples,
};

/** The field that contains the owner's id. */
const OWNER = { current: "investor_id", legacy: "account_id" } as const;

/** A realistic payload of a documented event with the current time; undefined for an undocumented name. */
export function sampleOf(event: string, generation: Generation, options: SampleOptions): SamplePayload | undefined {
  const samples = SAMPLES[generation];
  const sample = Object.hasOwn(samples, event) ? samples[event] : undefined;
  return sample === undefined ? undefined : renewed(sample, OWNER[generation], options);
}

/** A payload for an undocumented name, with the fields that all payloads have. */
export function genericSample(event: string, generation: Generation, options: SampleOptions): SamplePayload {
  const like = SAMPLES[generation]["document.approved"] as SamplePayload;
  const owner = OWNER[generation];
  const id = generation === "current" ? "res_a1b2c3d4e5f6g7h8" : "c6a90e14-72b5-4d38-8f0b-35e1d9742afc";
  return renewed({ ...like, event, data: { id, [owner]: like.data[owner], status: "completed" } }, owner, options);
}

/** Moves the sample to another time and keeps the distance of the times in its data. */
function renewed(sample: SamplePayload, owner: string, options: SampleOptions): SamplePayload {
  const { event, data } = sample;
  const moved = (time: unknown) => isoSeconds(Date.parse(String(time)) + options.now - Date.parse(sample.timestamp));
  const times = Object.keys(data).filter((field) => field.endsWith("_at"));
  const isOfOwner = data.id === data[owner];
  const { resourceId, ownerId } = options;
  const made = () => (typeof resourceId === "function" ? resourceId(data.id) : data.id);
  const id = typeof resourceId === "string" ? resourceId : isOfOwner && ownerId !== undefined ? ownerId : made();
  return {
    event,
    timestamp: isoSeconds(options.now),
    data: {
      ...data,
      ...Object.fromEntries(times.map((field) => [field, moved(data[field])])),
      id,
      [owner]: isOfOwner ? id : (ownerId ?? data[owner]),
    },
  };
}

function isoSeconds(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
}
