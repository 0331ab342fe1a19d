import { addHelp } from "../shared/help.ts";
import { Option, type Command } from "commander";
import { emulatorSecret } from "../../config/emulator-secret.ts";
import { resolveNgrok } from "../../config/ngrok-settings.ts";
import { retentionMs } from "../../config/retention-setting.ts";
import { requireCredentials, requireOwner } from "../../config/settings.ts";
import { DEFAULT_EVENTS, DELIVERY_PATH, LISTEN_PORT } from "../../core/defaults.ts";
import { AppError } from "../../core/errors.ts";
import { jsonLine } from "../../output/export/json.ts";
import { proxyFor } from "../../core/proxy.ts";
import type { Context } from "../../context.ts";
import { type EmulatorSettings, useEmulator } from "../../features/emulator/use-emulator.ts";
import { listen, type ReadySession } from "../../features/listen/session.ts";
import type { Ingress } from "../../features/listen/public-url.ts";
import type { InspectedSession } from "../../features/inspector/compose.ts";
import { openInspector, type Inspector } from "../../features/inspector/open-inspector.ts";
import { placeOrder } from "../../features/trigger/actions.ts";
import { NGROK_SERVER } from "../../tunnel/explain.ts";
import { restoreCommand } from "../../features/webhooks/recovery-messages.ts";
import type { CommandDeps, GlobalFlags } from "../shared/command.ts";
import { addEmulatorFlags, emulatorSettings, refuseEmulatorFlags, withServedOwner } from "../shared/emulator-flags.ts";
import { warnOfOutside } from "../shared/emulator-log.ts";
import { addForwardFlags, forwardingOf, type ForwardFlags } from "../shared/forward-flags.ts";
import { inspectorDeps, REPLAY_DEFAULTS } from "../shared/inspector-deps.ts";
import { listenDeps } from "../shared/listen-deps.ts";
import { pressed } from "./key-table.ts";
import { addTeamFlags, chooseTeam, teamOpener, type TeamFlags } from "./team-choice.ts";
import { TUNNEL_KINDS, tunnelChoice, type TunnelChoice } from "./tunnel-choice.ts";
import {
  awaitedEvents,
  byteCount,
  eventList,
  filePath,
  headerName,
  hostName,
  httpUrl,
  lineOfText,
  ownAddress,
  port,
  positiveInteger,
  urlPath,
  waitTime,
} from "../shared/parse.ts";
import { withProjectOptions } from "../shared/project-options.ts";
import { warnOfClosedMarket, warnOfUnknownEvents } from "../shared/warnings.ts";
import { openWorkspace, type Workspace } from "../shared/workspace.ts";

interface ListenFlags extends GlobalFlags, ForwardFlags, EmulatorSettings, TeamFlags {
  readonly events?: readonly string[];
  readonly path: string;
  readonly port?: number;
  readonly host?: string;
  readonly tunnel?: TunnelChoice;
  readonly domain?: string;
  readonly publicUrl?: string;
  readonly selfTest: boolean;
  readonly register: boolean;
  readonly new?: boolean;
  readonly name?: string;
  readonly onExit?: "restore" | "deactivate" | "delete" | "keep";
  readonly requireSignature?: boolean;
  readonly signatureHeader?: string;
  readonly maxBody: number;
  readonly trigger?: "order";
  readonly until?: readonly string[];
  readonly count?: number;
  readonly timeout?: number;
  readonly printSecret?: boolean;
  readonly readyFile?: string;
  readonly inspect: boolean;
  readonly inspectPort?: number;
}

const HELP = {
  details: `Opens a tunnel, registers a webhook and prints each delivery with its signature verdict and the response of your app. When the session ends, an existing webhook is restored and a new one is deactivated, unless you set --on-exit.`,
  examples: `  $ bluum-hooks listen --env emulator --trigger order
  $ bluum-hooks listen --forward-to 3000
  $ bluum-hooks listen --forward-to 3000 --since 10m
  $ bluum-hooks listen --tunnel cloudflared
  $ bluum-hooks listen --public-url https://tunnel.example
  $ bluum-hooks listen --tunnel none --until order.filled --timeout 60s --json`,
};

export function define(command: Command, { context }: CommandDeps): void {
  withProjectOptions(command, context, ["path", "port", "forwardTo", "events"]);
  addForwardFlags(addHelp(command, HELP).optionsGroup("Forward:"), context)
    .optionsGroup("Receive:")
    .option(
      "--events <names>",
      `event names or patterns, comma-separated (default ${DEFAULT_EVENTS.join(",")})`,
      eventList,
    )
    .option("--path <path>", "path that receives deliveries", urlPath, DELIVERY_PATH)
    .option("--port <port>", `local port (default: ${LISTEN_PORT} or the next free one)`, port)
    .option(
      "--host <address>",
      "address to listen on; 0.0.0.0 lets other machines and containers deliver (default 127.0.0.1)",
      ownAddress,
    )
    .option("--require-signature", "answer 401 unless the signature is valid")
    .option("--signature-header <name>", "signature header (default: detected)", headerName)
    .addOption(
      new Option("--max-body <size>", "maximum size of a request body")
        .argParser(byteCount)
        .default(byteCount("1mb"), "1mb"),
    )
    .optionsGroup("Public URL:")
    .option("--tunnel <kind>", `tunnel to open: ${TUNNEL_KINDS} (default ngrok)`, tunnelChoice)
    .option("--domain <host>", "your ngrok domain, for a public URL that stays the same", hostName)
    .option("--public-url <url>", "public HTTPS URL of your own tunnel to this listener", httpUrl)
    .option("--no-self-test", "do not test the public URL before registering it")
    .optionsGroup("Webhook:")
    .option("--no-register", "do not create or update a webhook")
    .option("--new", "create a new webhook instead of updating one")
    .option("--name <name>", "name of the webhook, used to find it again", lineOfText)
    .addOption(
      new Option("--on-exit <what>", "what to do with the webhook when the session ends").choices([
        "restore",
        "deactivate",
        "delete",
        "keep",
      ]),
    )
    .option("--print-secret", "print the signing secret of a new webhook")
    .optionsGroup("Run:")
    .addOption(new Option("--trigger <what>", "action to trigger when the listener is ready").choices(["order"]))
    .option("--until <events...>", "stop when all of these events have arrived", awaitedEvents)
    .option("--count <n>", "stop after n deliveries", positiveInteger)
    .option("--timeout <time>", "stop after this time, with exit code 5", waitTime)
    .option("--ready-file <path>", "write the URLs to this file when the listener is ready", filePath)
    .optionsGroup("Inspector:")
    .option("--inspect-port <port>", "port of the inspector (default: 4601 or the next free one)", port)
    .option("--no-inspect", "do not start the inspector")
    .optionsGroup("Emulator:");
  addEmulatorFlags(command);
  addTeamFlags(command).action(async (_flags: unknown, self: Command) =>
    runListen(self.optsWithGlobals<ListenFlags>(), context),
  );
}

const READY_FILE = "the ready file";

async function runListen(flags: ListenFlags, context: Context): Promise<void> {
  // `--trigger` must be possible before a webhook is changed for it.
  await using workspace = await openWorkspace(withServedOwner(flags), context, {
    movesMoney: flags.trigger !== undefined,
  });
  const { settings } = workspace;
  const { environment } = settings;
  if (environment !== "emulator") refuseEmulatorFlags(flags, `the environment is ${environment}`);
  else if (!flags.register) refuseEmulatorFlags(flags, "--no-register starts none");
  if (flags.readyFile !== undefined) await context.proveWritable(flags.readyFile, READY_FILE);
  if (flags.trigger !== undefined) requireOwner(settings);
  const team = await chooseTeam(flags, workspace);
  const ingress = chooseIngress(flags, workspace);
  if (flags.register) {
    requireCredentials(
      settings,
      ingress.kind === "ngrok" && ingress.settings.authtoken === undefined ? ["ngrok authtoken"] : [],
      settings.environment === "sandbox" ? "Add --env emulator to listen without an account. Otherwise: " : "",
    );
  }
  await using emulator =
    settings.environment === "emulator" && flags.register
      ? await useEmulator(
          {
            baseUrl: settings.baseUrl,
            command: "listen",
            settings: emulatorSettings(flags),
            webhookSecret: await emulatorSecret(workspace.env, workspace.config),
            onLog: (entry) => warnOfOutside(entry, workspace),
          },
          context,
        )
      : undefined;
  if (emulator !== undefined) workspace.say(`Emulator: ${emulator.description}.`);
  if (flags.events !== undefined) await warnOfUnknownEvents(flags.events, workspace, flags.register);
  if (flags.until !== undefined) await warnOfUnknownEvents(flags.until, workspace);
  // Without --until, the order that is placed is watched until it is filled.
  warnOfClosedMarket(flags.until ?? (flags.trigger === undefined ? [] : ["order.filled"]), workspace);
  if (flags.host !== undefined && !/^(127\.|::1$)/.test(flags.host)) {
    workspace.say(`Other machines can deliver to the listener (${flags.host}), and reach nothing else.`);
  }
  using parent = context.watchParent();
  context.onForcedExit(`Stopped before the webhook was restored. Restore it with: ${restoreCommand(settings)}`);
  const deps = await listenDeps(workspace, context, "listen", async (session) => {
    readKeys(flags, context, workspace, session);
    await whenReady(flags, context, workspace, session);
  });
  await listen(
    {
      environment: settings.environment,
      baseUrl: settings.baseUrl,
      host: flags.host,
      port: flags.port ?? LISTEN_PORT,
      portOrNext: flags.port === undefined,
      path: flags.path,
      maxBodyBytes: flags.maxBody,
      ingress,
      selfTest: flags.selfTest,
      isRegistering: flags.register,
      events: flags.events ?? DEFAULT_EVENTS,
      name: flags.name ?? `bluum-hooks ${context.whoami}`,
      askedWebhookId: settings.askedWebhookId,
      isNew: flags.new === true,
      // A webhook is of no use after its emulator has ended.
      onExit: flags.onExit ?? (emulator?.isOwn === true ? "delete" : undefined),
      secrets: settings.webhookSecrets,
      signatureHeader: flags.signatureHeader,
      requireSignature: flags.requireSignature === true,
      printSecret: flags.printSecret === true,
      forwarding: forwardingOf(team !== undefined && flags.forwardTo ? { ...flags, ack: "now" } : flags, workspace),
      retentionMs: retentionMs(workspace.config.retention()),
      stop: { until: flags.until ?? [], count: flags.count, timeoutMs: flags.timeout },
    },
    {
      ...deps,
      openTeam: teamOpener(team, flags, workspace, deps),
      openInspector: flags.inspect ? (session) => openListenInspector(flags, workspace, context, session) : undefined,
      onFact(fact) {
        // Before the fact is printed: its reader may close the pipe immediately.
        if (fact.type === "ready") parent.arm();
        deps.onFact(fact);
      },
    },
  );
}

function openListenInspector(
  flags: ListenFlags,
  workspace: Workspace,
  context: Context,
  session: () => InspectedSession | undefined,
): Promise<Inspector> {
  const { timeoutMs, headers, insecure } = forwardingOf(flags, { say: () => {} }) ?? REPLAY_DEFAULTS;
  return openInspector(
    { port: flags.inspectPort, flag: "--inspect-port" },
    inspectorDeps(flags, workspace, context, {
      isWritable: true,
      session,
      sending: { timeoutMs, headers, insecure },
    }),
  );
}

function chooseIngress(flags: ListenFlags, { env, settings, config }: Workspace): Ingress {
  if (flags.publicUrl !== undefined) {
    if (flags.tunnel !== undefined && flags.tunnel !== "none") {
      throw new AppError("invalid_usage", "--public-url cannot be used with --tunnel", {
        hint: "Remove one of the two flags.",
      });
    }
    return { kind: "given", url: flags.publicUrl };
  }
  const needsNone = settings.environment === "emulator" || !flags.register;
  const tunnel = flags.tunnel ?? (needsNone ? "none" : "ngrok");
  if (tunnel === "none") return { kind: "direct" };
  if (tunnel !== "ngrok") {
    if (flags.domain !== undefined) {
      throw new AppError("invalid_usage", "--domain is for ngrok tunnels only", {
        hint: "Remove --domain, or use --tunnel ngrok.",
      });
    }
    return { kind: "program", program: tunnel };
  }
  const ngrok = resolveNgrok({ domainFlag: flags.domain, env, stored: config.ngrok() });
  const server = `https://${ngrok.serverAddr ?? NGROK_SERVER}`;
  return { kind: "ngrok", settings: ngrok, proxy: URL.canParse(server) ? proxyFor(server, env) : undefined };
}

/** Reads keys on an interactive terminal until the session ends. */
function readKeys(flags: ListenFlags, context: Context, workspace: Workspace, session: ReadySession): void {
  if (!context.isInteractive || flags.json === true) return;
  const keyboard = context.readKeys((key) => void pressed(key, { ...context, session, workspace }));
  if (keyboard === undefined) return;
  session.onEnd(() => keyboard[Symbol.dispose]());
  workspace.say("  Press ? for keyboard shortcuts\n");
}

async function whenReady(
  flags: ListenFlags,
  context: Context,
  workspace: Workspace,
  session: ReadySession,
): Promise<void> {
  if (flags.readyFile !== undefined) {
    await context.writeFile(flags.readyFile, `${jsonLine(session.urls)}\n`, READY_FILE);
  }
  if (flags.trigger === "order") {
    await placeOrder(workspace.settings, await workspace.api());
    session.expectEvent();
  }
}
