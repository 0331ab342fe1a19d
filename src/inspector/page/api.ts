// The page's requests. Every result is a value: the response, or the reason for a failure.
import type {
  ApiError,
  PreviewRequest,
  ReplayFailedRequest,
  ReplayRequest,
  SessionRequest,
  TriggerRequest,
} from "../contract.ts";
import { session, type Loaded } from "./state.ts";

type RequestBody = PreviewRequest | ReplayFailedRequest | ReplayRequest | SessionRequest | TriggerRequest;

export type Result<Value> = Exclude<Loaded<Value>, { kind: "loading" }>;

const UNREACHABLE: ApiError = {
  code: "network_error",
  message: "the inspector cannot be reached",
  hint: "Check that bluum-hooks is still running.",
};

export async function get<Value>(path: string, signal?: AbortSignal): Promise<Result<Value>> {
  return send<Value>(path, signal === undefined ? {} : { signal });
}

export async function post<Value>(path: string, body: RequestBody): Promise<Result<Value>> {
  return send<Value>(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

async function send<Value>(path: string, init: RequestInit): Promise<Result<Value>> {
  try {
    const response = await fetch(`/_inspector/${path}`, init);
    if (response.status === 204) return { kind: "loaded", value: undefined as Value };
    const answer: unknown = await response.json();
    if (response.ok) return { kind: "loaded", value: answer as Value };
    if (response.status === 401) session.value = "ended";
    return { kind: "failed", error: answer as ApiError };
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    return { kind: "failed", error: UNREACHABLE };
  }
}

export async function text(path: string): Promise<Result<string>> {
  try {
    const response = await fetch(`/_inspector/${path}`);
    if (response.ok) return { kind: "loaded", value: await response.text() };
    return { kind: "failed", error: (await response.json()) as ApiError };
  } catch {
    return { kind: "failed", error: UNREACHABLE };
  }
}

/** Whether the server refused the request's filter. */
export function isInvalid(result: Result<unknown>): boolean {
  return result.kind === "failed" && result.error.code === "invalid_usage";
}

export function params(values: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(values).flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [[name, String(value)]],
  );
  return given.length === 0 ? "" : `?${new URLSearchParams(given).toString()}`;
}
