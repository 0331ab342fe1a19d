import { signal } from "@preact/signals";
import type { ApiError, ConfirmTarget, ReplayAnswer, ReplayRequest } from "../contract.ts";
import { post } from "./api.ts";
import { refreshDetail } from "./detail.ts";

export type ReplayState =
  | { readonly kind: "idle" }
  | { readonly kind: "running" }
  /** The target is not on this machine. */
  | { readonly kind: "confirm"; readonly host: string }
  | { readonly kind: "refused"; readonly error: ApiError }
  | { readonly kind: "sent"; readonly request: ReplayRequest; readonly answer: ReplayAnswer };

/** One replay, from the confirmation to the app's response. */
export function createReplay(id: string) {
  const state = signal<ReplayState>({ kind: "idle" });
  const send = async (request: ReplayRequest) => {
    state.value = { kind: "running" };
    const result = await post<ReplayAnswer>(`deliveries/${encodeURIComponent(id)}/replay`, request);
    if (result.kind === "loaded") {
      state.value = { kind: "sent", request, answer: result.value };
      refreshDetail(id);
      return;
    }
    const { error } = result;
    state.value = isConfirmTarget(error) ? { kind: "confirm", host: error.host } : { kind: "refused", error };
  };
  return { state, send };
}

function isConfirmTarget(error: ApiError): error is ConfirmTarget {
  return error.code === "confirmation_required" && "host" in error;
}
