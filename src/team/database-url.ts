import { isLoopbackHost } from "../core/hosts.ts";
import { AppError } from "../core/errors.ts";

/** How the connection to the database is secured. */
export type DatabaseTls =
  /** Clear text: for a server on this machine, or if the URL says `sslmode=disable`. */
  | { readonly mode: "disable" }
  /** Encrypted, and the server is not verified: `sslmode=require`. */
  | { readonly mode: "require" }
  /** The certificate is verified; with `verify-full`, its name too. */
  | {
      readonly mode: "verify-ca" | "verify-full";
      /** The file of the authority's certificate; absent: the authorities that Node.js knows. */
      readonly caFile?: string;
    };

export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly tls: DatabaseTls;
}

const PORT = 5432;

/**
 * Reads the URL of a PostgreSQL database. Parameters other than those for TLS are dropped: a driver would send them
 * to the server, and poolers refuse them. Throws `invalid_url`, which never quotes a password.
 */
export function parseDatabaseUrl(text: string): DatabaseAddress {
  if (!/^postgres(?:ql)?:\/\//i.test(text)) throw refused("it must begin with postgres://");
  if (!URL.canParse(text)) throw refused("it is not a URL; encode special characters in the password as %XX");
  const url = new URL(text);
  if (url.hostname === "") throw refused("it names no host");
  const database = decoded(url.pathname.slice(1));
  if (database === "" || database.includes("/")) throw refused("it must name one database, as in postgres://host/app");
  const host = url.hostname.toLowerCase().replaceAll(/^\[|\]$/g, "");
  return {
    host,
    port: Number(url.port || PORT),
    database,
    user: decoded(url.username) || undefined,
    password: decoded(url.password) || undefined,
    tls: tlsOf(host, url.searchParams),
  };
}

/** The URL with this user and password. */
export function withLogin(databaseUrl: string, { user, password }: { user: string; password: string }): string {
  const [, scheme = "", rest = ""] = /^(postgres(?:ql)?:\/\/)(?:[^/?#]*@)?(.*)$/is.exec(databaseUrl) ?? [];
  return `${scheme}${encodeURIComponent(user)}:${encodeURIComponent(password)}@${rest}`;
}

/** The address without a user, a password and parameters, to be shown. */
export function shownAddress({ host, port, database }: Pick<DatabaseAddress, "host" | "port" | "database">): string {
  return `${host.includes(":") ? `[${host}]` : host}${port === PORT ? "" : `:${port}`}/${database}`;
}

function tlsOf(host: string, parameters: URLSearchParams): DatabaseTls {
  const caFile = parameters.get("sslrootcert") ?? "system";
  const ca = caFile === "system" ? {} : { caFile };
  const mode = parameters.get("sslmode");
  switch (mode) {
    case null:
      return isLoopbackHost(host) && caFile === "system" ? { mode: "disable" } : { mode: "verify-full", ...ca };
    case "disable":
    case "require":
      return { mode };
    case "verify-ca":
    case "verify-full":
      return { mode, ...ca };
    default:
      throw refused(
        `sslmode=${mode.replaceAll(/[^\w-]/g, "")} may use an unencrypted connection`,
        "Use sslmode=verify-full (the default), verify-ca, require or disable.",
      );
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refused("a % in it is not followed by two hex digits; write it as %25");
  }
}

function refused(why: string, hint = "Use a URL such as postgres://user:password@db.example.com/app."): AppError {
  return new AppError("invalid_url", `the database URL cannot be used: ${why}`, { hint });
}
