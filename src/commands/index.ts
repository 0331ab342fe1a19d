import type { CommandModule } from "./shared/command.ts";

interface CommandEntry {
  readonly name: string;
  /** One line of the main help. */
  readonly summary: string;
  readonly load: () => Promise<CommandModule>;
}

/** All commands, in the order of the help. A command is its file and its line here. */
export const COMMANDS: readonly CommandEntry[] = [
  { name: "demo", summary: "see two signed events arrive from an emulator", load: () => import("./demo.ts") },
  { name: "listen", summary: "receive events here, live", load: () => import("./listen/listen.ts") },
  { name: "trigger", summary: "make events happen in the sandbox", load: () => import("./trigger/trigger.ts") },
  { name: "events", summary: "look at what has arrived", load: () => import("./events/index.ts") },
  { name: "sign", summary: "sign a payload in a file, as Bluum would", load: () => import("./sign.ts") },
  { name: "verify", summary: "verify a payload in a file, and say what is wrong", load: () => import("./verify.ts") },
  { name: "register", summary: "point a webhook at a URL", load: () => import("./register.ts") },
  { name: "webhooks", summary: "list, show, change and delete webhooks", load: () => import("./webhooks/webhooks.ts") },
  { name: "event-types", summary: "list the events one can subscribe to", load: () => import("./event-types.ts") },
  { name: "restore", summary: "restore webhooks that a crash left changed", load: () => import("./restore.ts") },
  { name: "check", summary: "is an endpoint ready for production?", load: () => import("./check.ts") },
  { name: "promote", summary: "point the webhook at production, or back", load: () => import("./promote/promote.ts") },
  { name: "emulator", summary: "run a stand-in for the Bluum sandbox", load: () => import("./emulator.ts") },
  { name: "exec", summary: "run a command against an emulator", load: () => import("./exec.ts") },
  { name: "login", summary: "store credentials, once they are proven", load: () => import("./login.ts") },
  { name: "logout", summary: "remove what login stored", load: () => import("./logout.ts") },
  { name: "config", summary: "list and change stored settings", load: () => import("./config.ts") },
  { name: "doctor", summary: "look for what is wrong, and say how to mend it", load: () => import("./doctor.ts") },
  { name: "completion", summary: "complete command lines with TAB", load: () => import("./completion.ts") },
];
