import type { CommandModule } from "./shared/command.ts";

interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  /** The task under which the main help lists it. */
  readonly group: "Receive:" | "Inspect:" | "Trigger:" | "Go live:" | "Set up:";
  readonly load: () => Promise<CommandModule>;
}

/** All commands, in the order of the help. A command is its file and its entry here. */
export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "demo",
    summary: "show two signed events arriving from the emulator",
    group: "Receive:",
    load: () => import("./demo.ts"),
  },
  {
    name: "listen",
    summary: "receive deliveries here and forward them to your app",
    group: "Receive:",
    load: () => import("./listen/listen.ts"),
  },
  {
    name: "exec",
    summary: "run a command with an emulator and a listener",
    group: "Receive:",
    load: () => import("./exec.ts"),
  },
  {
    name: "team",
    summary: "share one sandbox webhook with your team",
    group: "Receive:",
    load: () => import("./team/team.ts"),
  },
  {
    name: "restore",
    summary: "restore webhooks that an interrupted session changed",
    group: "Receive:",
    load: () => import("./restore.ts"),
  },
  {
    name: "events",
    summary: "list, show, replay and export deliveries",
    group: "Inspect:",
    load: () => import("./events/events.ts"),
  },
  {
    name: "inspect",
    summary: "open a web page that shows your deliveries",
    group: "Inspect:",
    load: () => import("./inspect.ts"),
  },
  {
    name: "event-types",
    summary: "list the event types that you can subscribe to",
    group: "Inspect:",
    load: () => import("./event-types.ts"),
  },
  {
    name: "verify",
    summary: "verify a signature and explain a mismatch",
    group: "Inspect:",
    load: () => import("./verify.ts"),
  },
  {
    name: "trigger",
    summary: "trigger events in the sandbox or the emulator",
    group: "Trigger:",
    load: () => import("./trigger/trigger.ts"),
  },
  {
    name: "emulator",
    summary: "run a local emulator of the Bluum sandbox",
    group: "Trigger:",
    load: () => import("./emulator.ts"),
  },
  {
    name: "sign",
    summary: "sign a payload as Bluum does",
    group: "Trigger:",
    load: () => import("./sign.ts"),
  },
  {
    name: "check",
    summary: "check that an endpoint is ready for production",
    group: "Go live:",
    load: () => import("./check.ts"),
  },
  {
    name: "register",
    summary: "create or update the webhook for a URL",
    group: "Go live:",
    load: () => import("./register.ts"),
  },
  {
    name: "promote",
    summary: "point your webhook at production, or roll back",
    group: "Go live:",
    load: () => import("./promote/promote.ts"),
  },
  {
    name: "webhooks",
    summary: "list, show, update and delete webhooks",
    group: "Go live:",
    load: () => import("./webhooks/webhooks.ts"),
  },
  {
    name: "init",
    summary: "set up a project: bluum-hooks.json, a handler, a script",
    group: "Set up:",
    load: () => import("./init.ts"),
  },
  {
    name: "login",
    summary: "verify and save credentials",
    group: "Set up:",
    load: () => import("./login.ts"),
  },
  {
    name: "logout",
    summary: "remove saved credentials",
    group: "Set up:",
    load: () => import("./logout.ts"),
  },
  {
    name: "config",
    summary: "list and change saved settings",
    group: "Set up:",
    load: () => import("./config.ts"),
  },
  {
    name: "doctor",
    summary: "diagnose problems and suggest fixes",
    group: "Set up:",
    load: () => import("./doctor.ts"),
  },
  {
    name: "mcp",
    summary: "serve tools to an AI agent, read-only by default",
    group: "Set up:",
    load: () => import("./mcp/mcp.ts"),
  },
  {
    name: "completion",
    summary: "print a shell completion script",
    group: "Set up:",
    load: () => import("./completion.ts"),
  },
];
