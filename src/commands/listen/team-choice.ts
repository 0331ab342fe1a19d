import { Option, type Command } from "commander";
import { peekProjectFile } from "../../config/project-file.ts";
import { AppError } from "../../core/errors.ts";
import type { ListenDeps } from "../../features/listen/session.ts";
import type { JoinedTeam } from "../../features/team/joined-team.ts";
import { teamName } from "../shared/parse.ts";
import type { Workspace } from "../shared/workspace.ts";

export interface TeamFlags {
  /** true: the team of the project, or the only one. */
  readonly team?: string | true;
  readonly takeover?: boolean;
  readonly resign?: boolean;
}

interface OtherFlags extends TeamFlags {
  readonly ack?: "app" | "now";
  readonly register: boolean;
  readonly since?: number;
  readonly webhook?: string;
  readonly name?: string;
  readonly onExit?: string;
  readonly forwardTo?: unknown;
  readonly events?: readonly string[];
}

export function addTeamFlags(command: Command): Command {
  return command
    .optionsGroup("Team:")
    .option("--team [name]", "receive for your team if nobody does; otherwise follow and stand by", teamName)
    .addOption(new Option("--takeover", "with --team: replace the member that receives"))
    .addOption(new Option("--resign", "with --team: re-sign deliveries of the log, for an app that checks their time"));
}

/** The team of this command line, joined; undefined without `--team`. Throws `invalid_usage` for other flags. */
export async function chooseTeam(flags: OtherFlags, workspace: Workspace): Promise<JoinedTeam | undefined> {
  const { config, context, env, settings } = workspace;
  if (flags.team === undefined) {
    const flag = flags.takeover === true ? "--takeover" : flags.resign === true ? "--resign" : undefined;
    if (flag !== undefined) throw refused(`${flag} requires --team`, "Add --team.");
    const project = context.cwd === undefined ? undefined : peekProjectFile(context.cwd)?.content.team;
    if (project !== undefined && flags.register && project.environment === settings.environment) {
      workspace.say(`This project has the team log ${project.name}. To share its webhook, add --team.`);
    }
    return undefined;
  }
  refuseOthers(flags);
  const { joinedTeam, requireTeamEnvironment } = await import("../../features/team/joined-team.ts");
  const { refuseProduction } = await import("../../features/team/create-team.ts");
  refuseProduction(settings.environment);
  const given = env["BLUUM_TEAM_INVITE"]?.trim();
  if (given !== undefined && given !== "") {
    const { useInvite } = await import("../../features/team/join-team.ts");
    await useInvite(given, config, context);
  }
  const team = joinedTeam(config, context.cwd, flags.team === true ? undefined : flags.team);
  requireTeamEnvironment(team.invite, settings.environment);
  if (flags.takeover === true) {
    await workspace.agree(`Receive for the team ${team.invite.name} instead of the member that does now?`);
  }
  return team;
}

/** Takes part in the team while the session listens; undefined without a team. */
export function teamOpener(
  team: JoinedTeam | undefined,
  flags: OtherFlags,
  { context, settings }: Pick<Workspace, "context" | "settings">,
  deps: ListenDeps,
): ListenDeps["openTeam"] {
  if (team === undefined) return undefined;
  return async (bus) => {
    const { TeamSession } = await import("../../features/team/team-session.ts");
    return TeamSession.open(
      {
        team,
        mayReceive: flags.register,
        isTakeover: flags.takeover === true,
        hasApp: hasApp(flags),
        forwardedAgeMs: flags.since === undefined ? undefined : context.clock.now() - flags.since,
        askedEvents: flags.events,
        resigning: flags.resign === true ? { ownSecrets: settings.webhookSecrets } : undefined,
      },
      {
        ...deps,
        bus,
        times: context.teamTimes,
        openTeamDatabase: (options) => context.openTeamDatabase(options),
        secrets: context.secrets,
      },
    );
  };
}

const hasApp = ({ forwardTo }: OtherFlags) => forwardTo !== undefined && forwardTo !== false;

function refuseOthers(flags: OtherFlags): void {
  const { ack, webhook, name, onExit, register, takeover, resign } = flags;
  if (resign === true && !hasApp(flags)) {
    throw refused("--resign requires --forward-to", "Add --forward-to with the port or URL of your app.");
  }
  if (ack === "app") {
    throw refused(
      "--ack app cannot be used with --team: the app of one member must not decide what Bluum retries",
      "Remove --ack app. Bluum receives 200 as soon as a delivery is stored.",
    );
  }
  const [flag] = Object.entries({ webhook, name, onExit }).find(([, value]) => value !== undefined) ?? [];
  if (flag !== undefined) {
    const spelled = flag === "onExit" ? "--on-exit" : `--${flag}`;
    throw refused(`${spelled} cannot be used with --team: the webhook belongs to the team`, `Remove ${spelled}.`);
  }
  if (!register && takeover === true)
    throw refused("--takeover cannot be used with --no-register", "Remove one of them.");
}

function refused(message: string, hint: string): AppError {
  return new AppError("invalid_usage", message, { hint });
}
