import { effect } from "@preact/signals";
import { render } from "preact";
import { keepAddress } from "./address.ts";
import { App } from "./components/app.tsx";
import { followView } from "./detail.ts";
import { keepPreferences } from "./preferences.ts";
import { listenToKeys } from "./shortcuts.ts";
import { startSession } from "./start-session.ts";
import { isReady, query, session } from "./state.ts";
import { follow, followVisibility, retryLater } from "./stream.ts";

const starting = startSession();
keepPreferences();
keepAddress();
followView();
listenToKeys();
followVisibility();

const root = document.querySelector("#app");
if (root !== null) render(<App />, root);

await starting;
if (session.peek() === null) retryLater();
effect(() => {
  void query.value;
  if (isReady.value) void follow();
});
