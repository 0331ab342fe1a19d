import type { Context } from "../../context.ts";
import { AppError } from "../../core/errors.ts";
import { clean } from "../../output/privacy/clean.ts";
import { summaryText } from "../../output/live/conversation.ts";
import { fields } from "../../output/reports/table.ts";
import type { ReadySession } from "../../features/listen/session.ts";
import { placeOrder } from "../../features/trigger/actions.ts";
import { openInspectorPage } from "../shared/inspector-deps.ts";
import { wholeDeliveryText } from "../shared/whole-delivery.ts";
import type { Workspace } from "../shared/workspace.ts";

interface KeyDeps {
  readonly session: ReadySession;
  readonly workspace: Workspace;
  readonly stdout: Context["stdout"];
  readonly stderr: Context["stderr"];
  readonly openUrl: Context["openUrl"];
}

/** The action of each key. `?` prints this table as help. */
const KEYS: Readonly<Record<string, { readonly what: string; readonly run: (deps: KeyDeps) => void | Promise<void> }>> =
  {
    "?": { what: "show keyboard shortcuts", run: ({ stderr, workspace }) => stderr.write(keyHelp(workspace.style)) },
    t: {
      what: "place a test order for 1 AAPL",
      async run({ workspace, session }) {
        const order = await placeOrder(workspace.settings, await workspace.api());
        workspace.say(`order ${clean(order.id)} placed`);
        session.expectEvent();
      },
    },
    v: {
      what: "show the last delivery in full",
      async run({ session, workspace, stdout }) {
        const id = session.lastId();
        if (id === undefined) return workspace.say("No deliveries in this session yet.");
        const store = await workspace.store();
        const [delivery, attempts] = [await store.find(id), await store.forwards(id)];
        stdout.write(`\n${await wholeDeliveryText(delivery, attempts, workspace)}\n`);
      },
    },
    r: {
      what: "resend the last delivery to your app",
      run({ session, workspace }) {
        if (!session.replayLast()) workspace.say("Nothing to replay: this requires --forward-to and a delivery.");
      },
    },
    o: {
      what: "open the inspector in your browser",
      run: ({ session, workspace, openUrl }) => openInspectorPage(session.inspector, { openUrl, say: workspace.say }),
    },
    s: {
      what: "show the summary",
      run: ({ session, stderr, workspace }) => stderr.write(summaryText(session.summary(), workspace.style)),
    },
    c: { what: "clear the screen", run: ({ stderr }) => stderr.erase?.("screen") },
    q: { what: "quit, and restore the webhook", run: ({ session }) => session.stop("quit") },
  };

/** Ctrl-D ends the session, like `q`. */
const ALIASES: Readonly<Record<string, string>> = { "\x04": "q", Q: "q", h: "?" };

export function keyHelp(style: { readonly color: boolean }): string {
  return `\n${fields(
    Object.entries(KEYS).map(([key, { what }]) => [`  ${key}`, what] as const),
    style,
  )}\n`;
}

/** Runs the action of a key; other keys are ignored. A failure is a warning, and the session continues. */
export async function pressed(key: string, deps: KeyDeps): Promise<void> {
  const name = ALIASES[key] ?? key;
  if (!Object.hasOwn(KEYS, name)) return;
  try {
    await KEYS[name]?.run(deps);
  } catch (error) {
    deps.workspace.warn(error instanceof AppError ? error : new AppError("internal", String(error)));
  }
}
