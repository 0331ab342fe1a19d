import { createHash } from "node:crypto";
import { ENVIRONMENTS, type Environment } from "../core/environments.ts";
import { AppError } from "../core/errors.ts";
import { teamNameRule } from "../core/id-rules.ts";
import { teamKey, type TeamKey } from "./seal.ts";

/** All that a member needs to reach and read the team's log. It is a secret. */
export interface Invite {
  /** The name of the log: `acme-sandbox`. */
  readonly name: string;
  readonly environment: Environment;
  /** The URL of the database, with or without a user and a password. */
  readonly databaseUrl: string;
  /** The identity of the log: one that is created again has another. */
  readonly log: string;
  readonly key: TeamKey;
}

const PREFIX = "bluum-team-";
const VERSION = "1";
const CHECKSUM_LENGTH = 8;

type Fields = readonly [name: string, environment: string, databaseUrl: string, log: string, key: string];

export function encodeInvite({ name, environment, databaseUrl, log, key }: Invite): string {
  const fields: Fields = [name, environment, databaseUrl, log, key.bytes.toString("base64url")];
  const text = `${PREFIX}${VERSION}.${Buffer.from(JSON.stringify(fields)).toString("base64url")}`;
  return `${text}.${checksum(text)}`;
}

/** Reads an invite as it was pasted. Throws `team_invite_invalid`, which quotes nothing of it. */
export function parseInvite(pasted: string): Invite {
  const text = pasted.replaceAll(/\s/g, "");
  const [head = "", content = "", sum = "", ...more] = text.split(".");
  if (!head.startsWith(PREFIX)) throw invalid(`it does not begin with ${PREFIX}${VERSION}`);
  if (head !== PREFIX + VERSION) throw invalid("it is from another version of bluum-hooks", "Update bluum-hooks.");
  if (more.length > 0 || sum !== checksum(`${head}.${content}`)) throw invalid("it is incomplete, or was changed");
  try {
    const [name, environment, databaseUrl, log, key] = JSON.parse(
      Buffer.from(content, "base64url").toString("utf8"),
    ) as Fields;
    const known = ENVIRONMENTS.find((each) => each === environment);
    if (known === undefined || teamNameRule(name) !== undefined) throw new Error("a field is wrong");
    return { name, environment: known, databaseUrl, log, key: teamKey(Buffer.from(key, "base64url")) };
  } catch {
    throw invalid("its content cannot be read");
  }
}

function checksum(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, CHECKSUM_LENGTH);
}

function invalid(why: string, hint = "Copy all of it, from the member who printed it."): AppError {
  return new AppError("team_invite_invalid", `the invite cannot be used: ${why}`, { hint });
}
