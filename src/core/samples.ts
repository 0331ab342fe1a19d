import currentSamples from "./samples/current.json" with { type: "json" };
import legacySamples from "./samples/legacy.json" with { type: "json" };

/** The two forms in which the API speaks; the kind of the owner's id tells which. */
export type Generation = "current" | "legacy";

/** A payload as the API publishes it. Decimals are strings. */
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
   * `data.id`, or what makes one out of the sample's own (`newIdLike`); absent, the sample's own stays. Two samples of one
   * event, one id and one second are the same event, as they would be from the API.
   */
  readonly resourceId?: string | ((like: string) => string) | undefined;
}

const SAMPLES: Readonly<Record<Generation, Readonly<Record<string, SamplePayload>>>> = {
  current: currentSamples,
  legacy: legacySamples,
};

/** A realistic payload of a documented event, of now; undefined for a name that is not documented. */
export function sampleOf(event: string, generation: Generation, options: SampleOptions): SamplePayload | undefined {
  const samples = SAMPLES[generation];
  const sample = Object.hasOwn(samples, event) ? samples[event] : undefined;
  return sample === undefined ? undefined : renewed(sample, options);
}

/** A payload for a name that is not documented: what all payloads have in common. */
export function genericSample(event: string, generation: Generation, options: SampleOptions): SamplePayload {
  const { data } = SAMPLES[generation]["document.approved"] as SamplePayload;
  const owner = generation === "current" ? "investor_id" : "account_id";
  const id = generation === "current" ? "res_a1b2c3d4e5f6g7h8" : "c6a90e14-72b5-4d38-8f0b-35e1d9742afc";
  return renewed({ event, timestamp: "", data: { id, [owner]: data[owner], status: "completed" } }, options);
}

/** The sample moved to another time, with the times in its data as far from it as they were. */
function renewed(sample: SamplePayload, { now, resourceId }: SampleOptions): SamplePayload {
  const { event, data } = sample;
  const moved = (time: unknown) => isoSeconds(Date.parse(String(time)) + now - Date.parse(sample.timestamp));
  const times = Object.keys(data).filter((field) => field.endsWith("_at"));
  const id = typeof resourceId === "function" ? resourceId(data.id) : (resourceId ?? data.id);
  return {
    event,
    timestamp: isoSeconds(now),
    data: { ...data, ...Object.fromEntries(times.map((field) => [field, moved(data[field])])), id },
  };
}

function isoSeconds(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
}
