import { AppError } from "../core/errors.ts";
import { networkFailure } from "../platform/network-failure.ts";
import { spellDuration } from "../core/duration.ts";
import { shownAddress, type DatabaseAddress } from "./database-url.ts";

const CHECK_LOGIN = "Check the user and the password in the database URL or the invite.";
const ASK_RIGHTS = "Ask for the rights that bluum-hooks team init prints for a member role.";
const RUN_INIT = "Create or upgrade it with: bluum-hooks team init";

/** By SQLSTATE: what cannot succeed without a change by the user. Everything else may be temporary. */
const REFUSALS: Readonly<Record<string, string>> = {
  "28P01": CHECK_LOGIN,
  "28000": CHECK_LOGIN,
  "3D000": "Check the name of the database in the URL.",
  "42501": ASK_RIGHTS,
};

/** The schema, a table or a function is missing. */
const OUTDATED: readonly string[] = ["3F000", "42P01", "42883"];

/** An error of the driver, the network or the server. `team_unreachable` may be temporary, all others are not. */
export function explainDatabaseError(error: unknown, address: DatabaseAddress): AppError {
  if (error instanceof AppError) return error;
  const { code = "", message } = error as { code?: string; message: string };
  const where = shownAddress(address);
  if (OUTDATED.includes(code)) {
    return new AppError("team_log_too_old", `the database ${where} has no team log, or an older one`, {
      hint: RUN_INIT,
      cause: error,
    });
  }
  const hint = REFUSALS[code];
  if (hint !== undefined) {
    return new AppError("team_refused", `the database ${where} refuses: ${message}`, { hint, cause: error });
  }
  const [kind, text] = networkFailure(error);
  if (kind === "tls" || /before secure TLS connection/.test(message)) {
    const what = /CERT|SELF_SIGNED|ALTNAME/.test(code) ? message : "the server does not offer TLS, or ended it";
    return new AppError("team_refused", `no TLS connection to the database ${where}: ${what}`, {
      hint: "Name the authority with sslrootcert=FILE in the database URL. For a server without TLS in a private network, add sslmode=disable.",
      cause: error,
    });
  }
  return unreachable(address, code === "CONNECT_TIMEOUT" ? "timed out while connecting" : text, error);
}

/** The server did not answer in time. */
export function noAnswer(address: DatabaseAddress, afterMs: number): AppError {
  return unreachable(address, `no answer within ${spellDuration(afterMs)}`);
}

export function unusableCa(path: string, cause: unknown): AppError {
  const { code = "" } = cause as NodeJS.ErrnoException;
  return new AppError("file_unusable", `the certificate ${path} of the database URL cannot be read (${code})`, {
    hint: "Correct sslrootcert in the database URL.",
    cause,
  });
}

function unreachable(address: DatabaseAddress, why: string, cause?: unknown): AppError {
  return new AppError("team_unreachable", `the database ${shownAddress(address)} cannot be reached: ${why}`, {
    hint: "Check that it is running, and that this machine can reach it.",
    cause: new Error(why, { cause }),
  });
}
