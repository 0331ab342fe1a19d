import { AppError } from "../core/errors.ts";
import type { AgentFailure } from "./agent.ts";
import type { ProgramRequest } from "./agent-messages.ts";
import { builtProgram } from "./built-program.ts";
import { redact } from "./explain.ts";
import type { KnownFailure, TunnelProgram } from "./programs.ts";
import { openSupervised } from "./supervised.ts";
import type { ProgramOptions, Tunnel, TunnelTiming } from "./tunnel.ts";

const START_MS = 5_000;
/** After the program's own limit, which reports its output. */
const LATE_MS = 5_000;

const TIMING: Omit<TunnelTiming, "bindMs"> = {
  startMs: START_MS,
  connectMs: START_MS,
  reconnectMs: START_MS,
  closeMs: 3_000,
  // The program reconnects by itself and keeps its URL. A new process may get another one.
  recoveryMs: 30_000,
  probeMs: 3_000,
  checkEveryMs: 300_000,
  // A service that is asked for a new URL too often refuses.
  maxPauseMs: 30_000,
  steadyMs: 10_000,
  heartbeatIntervalS: 0,
  heartbeatToleranceS: 0,
};

/** A shell's exit codes for a command that does not exist or is not executable. */
const NOT_FOUND = new Set<number | null>([126, 127]);

/** Starts the program and keeps it running. Throws `tunnel_program_missing`, or another of the `tunnel_…` codes. */
export function openProgramTunnel(options: ProgramOptions): Promise<Tunnel> {
  const { program, upstreamUrl } = options;
  const urlMs = options.timing?.bindMs ?? program.urlMs;
  const request: ProgramRequest = {
    commands: program.commands(upstreamUrl),
    args: program.args(upstreamUrl),
    isShell: program.isShell,
    env: withoutSecrets(options.env),
    url: program.url.source,
    ready: program.ready?.source ?? null,
    blocked: program.blocked?.source ?? null,
    doubtful: program.doubtful?.source ?? null,
    urlMs,
  };
  return openSupervised(
    {
      agent: { file: options.agentUrl ?? builtProgram("program-agent"), hasChild: true },
      request,
      hasHeartbeats: false,
      isFinal: (failure) => isMissing(failure) || (knownFailure(failure, program)?.isFinal ?? false),
      explain: (failure) => explainProgram(failure, program),
    },
    options,
    { ...TIMING, ...options.timing, bindMs: urlMs + LATE_MS },
  );
}

/** A tunnel needs no access to Bluum. */
function withoutSecrets(env: ProgramOptions["env"]): ProgramOptions["env"] {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("BLUUM_")));
}

function isMissing({ program: failure }: AgentFailure): boolean {
  return failure?.kind === "unstartable" || (failure?.kind === "exited" && NOT_FOUND.has(failure.exitCode));
}

function knownFailure(failure: AgentFailure, { failures }: TunnelProgram): KnownFailure | undefined {
  return failures.find(({ pattern }) => pattern.test(failure.message));
}

const OTHER_WAYS = "Or use another tunnel: see bluum-hooks listen --help.";

/** The error to show for a failed start. */
export function explainProgram(failure: AgentFailure, program: TunnelProgram): AppError {
  const { name, install } = program;
  if (isMissing(failure)) {
    const why = failure.program?.kind === "unstartable" && failure.program.code !== "ENOENT";
    const message = why ? `${name} cannot be started (${failure.program.code})` : `${name} is not installed`;
    return new AppError("tunnel_program_missing", program.isShell ? `${name} was not found${said(failure)}` : message, {
      hint: `${install} ${OTHER_WAYS}`,
    });
  }
  const known = knownFailure(failure, program);
  if (known !== undefined) {
    const [, group = ""] = known.pattern.exec(failure.message) ?? [];
    return new AppError(known.code, known.message, { hint: known.hint.replace("$1", () => redact(group, "")) });
  }
  return new AppError("tunnel_unavailable", `${name} ${problem(failure)}${said(failure)}`, {
    hint: `Try the same command in a terminal. ${OTHER_WAYS}`,
  });
}

function problem({ program: failure }: AgentFailure): string {
  switch (failure?.kind) {
    case "exited":
      return failure.exitCode === null ? "was ended" : `ended with exit code ${failure.exitCode}`;
    case "no-url":
      return "printed no public URL in time";
    case "blocked":
    case "unstartable":
    case undefined:
      return "did not open a tunnel";
    default:
      return failure satisfies never;
  }
}

/** The end of the program's output. */
function said({ message, program: failure }: AgentFailure): string {
  const text = failure === undefined ? "" : redact(message.slice(-MAX_OUTPUT), "");
  return text === "" ? "" : `: ${text}`;
}

const MAX_OUTPUT = 300;
