import type { ErrorCode } from "../core/errors.ts";

/** The explanation of a failure for the user. `{domain}` and `{server}` are placeholders for the user's settings. */
export interface Remedy {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
  /** Whether a retry cannot help, so that an open tunnel with this failure must end. */
  readonly isFinal: boolean;
}

const OTHER_WAYS =
  "Or use another tunnel: --tunnel cloudflared needs no account. Or your own with --public-url, or none with --tunnel none.";
const TOKEN_PAGE = "https://dashboard.ngrok.com/get-started/your-authtoken";

export const NO_TOKEN: Remedy = {
  code: "credentials_missing",
  message: "no ngrok authtoken is set",
  hint: `Copy yours from ${TOKEN_PAGE} and run: bluum-hooks login. Or set NGROK_AUTHTOKEN. ${OTHER_WAYS}`,
  isFinal: true,
};

const BAD_TOKEN: Remedy = {
  code: "credentials_refused",
  message: "ngrok does not accept the authtoken",
  hint: `Compare NGROK_AUTHTOKEN, or the saved authtoken, with ${TOKEN_PAGE}: an API key is not an authtoken, and a revoked one is not accepted.`,
  isFinal: true,
};

const FOREIGN_DOMAIN: Remedy = {
  code: "tunnel_domain_refused",
  message: "the domain {domain} does not belong to this ngrok account",
  hint: "Use a domain listed at https://dashboard.ngrok.com/domains, use the authtoken of its account, or omit --domain.",
  isFinal: true,
};

const OLD_VERSION: Remedy = {
  code: "tunnel_refused",
  message: "ngrok no longer serves the version of its SDK that is installed here",
  hint: `Update bluum-hooks. ${OTHER_WAYS}`,
  isFinal: true,
};

/** By the code that the service returns. Its texts are not shown: some repeat the token. */
export const BY_NGROK_CODE: Readonly<Record<string, Remedy>> = {
  ERR_NGROK_105: { ...BAD_TOKEN, message: "ngrok does not accept the authtoken: it is malformed" },
  ERR_NGROK_107: BAD_TOKEN,
  ERR_NGROK_4018: {
    ...BAD_TOKEN,
    message: "ngrok requires the authtoken of a verified account",
    hint: `Sign up or verify your e-mail address, then set NGROK_AUTHTOKEN as shown at ${TOKEN_PAGE}.`,
  },
  ERR_NGROK_108: {
    code: "tunnel_refused",
    message: "this ngrok account runs as many agents at once as its plan allows",
    hint: `Stop one of those listed at https://dashboard.ngrok.com/agents. ${OTHER_WAYS}`,
    isFinal: false,
  },
  ERR_NGROK_120: OLD_VERSION,
  ERR_NGROK_121: OLD_VERSION,
  ERR_NGROK_319: FOREIGN_DOMAIN,
  ERR_NGROK_320: FOREIGN_DOMAIN,
  ERR_NGROK_334: {
    code: "tunnel_endpoint_taken",
    message: "{domain} is already online: another listen or ngrok agent of this account serves it",
    hint: "Stop it (see https://dashboard.ngrok.com/endpoints), or use another domain with --domain.",
    isFinal: false,
  },
};

/** A refusal with an unknown code or none. */
export const REFUSED: Remedy = {
  code: "tunnel_refused",
  message: "ngrok refused the tunnel",
  hint: `Look the code up at https://ngrok.com/docs/errors. ${OTHER_WAYS}`,
  isFinal: false,
};

export const UNREACHABLE: Remedy = {
  code: "tunnel_unavailable",
  message: "no connection to the tunnel service at {server}",
  hint: `Check the network: port 443 must be open to it; an HTTP proxy is not enough. ${OTHER_WAYS}`,
  isFinal: false,
};

export const SILENT: Remedy = {
  code: "tunnel_unavailable",
  message: "the tunnel service at {server} did not answer in time",
  hint: `Try again, or see https://status.ngrok.com. ${OTHER_WAYS}`,
  isFinal: false,
};

export const UNTRUSTED: Remedy = {
  code: "tunnel_intercepted",
  message: "the connection to {server} is intercepted: its certificate does not belong to the tunnel service",
  hint: `A proxy or virus scanner intercepts it. Exempt {server}, or trust that certificate with NGROK_ROOT_CAS=host or a PEM file. ${OTHER_WAYS}`,
  isFinal: false,
};

export const NO_PACKAGE: Remedy = {
  code: "tunnel_package_missing",
  message: "the @ngrok/ngrok package for this platform is not installed",
  hint: `Install again without --omit=optional, on a platform that @ngrok/ngrok supports. ${OTHER_WAYS}`,
  isFinal: true,
};

export const CRASHED: Remedy = {
  code: "tunnel_unavailable",
  message: "the ngrok agent exited unexpectedly",
  hint: `Try again. ${OTHER_WAYS}`,
  isFinal: false,
};
