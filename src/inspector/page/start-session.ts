import type { Session } from "../contract.ts";
import { get, post } from "./api.ts";
import { session } from "./state.ts";

/** Removes the token from the URL first, and then exchanges it for the cookie. */
export async function startSession(): Promise<void> {
  const token = location.hash.slice(1);
  if (token !== "") {
    history.replaceState(null, "", location.pathname + location.search);
    await post<undefined>("session", { token });
  }
  await readSession();
}

/** Whether the server accepts the session. */
export async function readSession(): Promise<boolean> {
  const result = await get<Session>("session");
  if (result.kind === "loaded") session.value = result.value;
  return result.kind === "loaded";
}
