import { STATUS_CODES } from "node:http";
import type { ExchangeOutcome } from "../core/exchange.ts";
import { explainRedirect, redirectOf } from "../core/urls.ts";
import type { Arrival } from "../core/self-test.ts";
import { NO_TLS } from "../platform/network-failure.ts";

/** The parts of the self-test that a failure message names. */
export interface Tested {
  readonly url: string;
  /** Where the listener accepts deliveries. */
  readonly localUrl: string;
  readonly maxBodyBytes: number;
}

/** The obstacle between the public URL and the listener, and a remedy. */
export interface Failure {
  readonly problem: string;
  readonly hint: string;
}

type Answered = Extract<ExchangeOutcome, { kind: "answered" }>;
type Failed = Extract<ExchangeOutcome, { kind: "failed" }>;

/** Why the listener did not answer a request to the public URL. */
export function explainFailure(outcome: ExchangeOutcome, arrival: Arrival | undefined, tested: Tested): Failure {
  if (arrival !== undefined) return explainArrival(arrival, outcome, tested);
  return outcome.kind === "answered" ? explainAnswer(outcome, tested) : explainSilence(outcome, tested);
}

function explainArrival(arrival: Arrival, outcome: ExchangeOutcome, { url, localUrl }: Tested): Failure {
  switch (arrival.problem) {
    case "path":
      return {
        problem: `the request arrives here at ${arrival.path}, but deliveries are accepted at ${pathOf(localUrl)}`,
        hint: `Start listen with --path ${arrival.path}, or configure the proxy to forward ${pathOf(url)} to ${localUrl}`,
      };
    case "method":
      return {
        problem: `the request arrives here, but as ${arrival.method} instead of POST`,
        hint: "Configure the proxy to keep the method; redirects that it follows may change it.",
      };
    case "headers":
      return {
        problem: "the request arrives here without all of its headers",
        hint: "Configure the proxy to forward all request headers: a delivery without its signature header cannot be verified.",
      };
    case "body":
      return {
        problem: `the request arrives here, but its body was changed in transit (${arrival.bytes} bytes arrived)`,
        hint: "Configure the proxy to forward the body byte for byte: a changed body does not match its signature.",
      };
    case null:
      return {
        problem: `the request arrives here, but the response does not come back (${describe(outcome)})`,
        hint: "Configure the proxy to return the listener's response unchanged.",
      };
    default:
      return arrival satisfies never;
  }
}

function explainAnswer(answered: Answered, tested: Tested): Failure {
  const { url } = tested;
  const redirect = redirectOf(url, answered);
  if (redirect !== undefined) {
    return {
      problem: `${describe(answered)}, a redirect`,
      hint: `${explainRedirect(redirect)}. Use the final URL as --public-url, or do not redirect ${pathOf(url)}`,
    };
  }
  if (
    /plain HTTP request was sent to HTTPS|HTTP request to an HTTPS|plain HTTP to an SSL/i.test(String(answered.body))
  ) {
    return {
      problem: `${describe(answered)}: http:// leads to an https port`,
      hint: `Use https://${url.slice("http://".length)} as --public-url`,
    };
  }
  const known = ANSWERS.find(({ statuses }) => statuses(answered.status));
  const [what, hint] = known === undefined ? OTHER_SERVER : [known.what, known.hint];
  return { problem: `${describe(answered)}: ${what}`, hint: hint(tested) };
}

type Hint = (tested: Tested) => string;

const route: Hint = ({ url, localUrl }) => `Configure the proxy to forward POST ${pathOf(url)} to ${localUrl}`;
const upstream: Hint = ({ localUrl }) =>
  `Set its upstream to ${new URL(localUrl).origin}; if the proxy is on another machine, check that its tunnel to this one is up.`;

const OTHER_SERVER: readonly [what: string, hint: Hint] = ["another server answers at this URL", route];

const is =
  (...statuses: readonly number[]) =>
  (status: number) =>
    statuses.includes(status);

/** The meaning of a response that came from a proxy instead of the listener. */
const ANSWERS: readonly { statuses: (status: number) => boolean; what: string; hint: Hint }[] = [
  {
    statuses: is(401, 403, 407),
    what: "it asks for a login, or blocks the request",
    hint: ({ url }) => `Exempt POST ${pathOf(url)} from logins, IP lists and bot filters: Bluum sends no password.`,
  },
  { statuses: is(404), what: "it has no route for this path", hint: route },
  { statuses: is(405, 501), what: "it does not allow POST at this path", hint: route },
  {
    statuses: is(413),
    what: "it does not accept a body of this size",
    hint({ maxBodyBytes }) {
      const size = `${Math.ceil(maxBodyBytes / 1024)}k`;
      return `Allow bodies of the size that the listener accepts (in nginx: client_max_body_size ${size};)`;
    },
  },
  {
    statuses: is(429),
    what: "it limits the rate of requests",
    hint: ({ url }) => `Raise the limit for POST ${pathOf(url)}: events come in bursts.`,
  },
  { statuses: is(502), what: "the proxy answers, but cannot connect to its upstream", hint: upstream },
  {
    statuses: is(503),
    what: "the proxy answers, but has no upstream in service",
    hint: (tested) => `${upstream(tested)} Use TCP health checks: the listener accepts only deliveries.`,
  },
  { statuses: is(504), what: "the proxy answers, but its upstream does not answer in time", hint: upstream },
  {
    // https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/
    statuses: (status) => status >= 520 && status <= 530,
    what: "Cloudflare answers, but cannot reach its origin or tunnel",
    hint: upstream,
  },
];

/** No response: the path ends before any server, or the network cannot reach its own public URLs. */
function explainSilence({ reason, message }: Failed, tested: Tested): Failure {
  const { host } = new URL(tested.url);
  if (reason === "tls" && message === NO_TLS) {
    return {
      problem: `https:// leads to a port of ${host} that does not use TLS`,
      hint: "Use the TLS port of the proxy. The listener itself supports http only.",
    };
  }
  if (reason === "tls") {
    return {
      problem: message,
      hint: "Use a certificate for this host from a public authority: Bluum does not deliver without one.",
    };
  }
  return {
    problem: `no answer (${message})`,
    hint: `Check that the proxy or tunnel is running and leads to ${tested.localUrl}. If this network cannot reach its own public URLs, skip the test with --no-self-test`,
  };
}

const MAX_SERVER_LENGTH = 60;

/** Such as `nginx answered 502 Bad Gateway`. */
function describe(outcome: ExchangeOutcome): string {
  if (outcome.kind === "failed") return outcome.message;
  const header = (name: string) => outcome.headers.find(([each]) => each.toLowerCase() === name)?.[1];
  const server = header("server")?.slice(0, MAX_SERVER_LENGTH) ?? "it";
  const code = header("ngrok-error-code");
  const text = STATUS_CODES[outcome.status];
  return `${server} answered ${outcome.status}${text === undefined ? "" : ` ${text}`}${code === undefined ? "" : ` (${code.slice(0, MAX_SERVER_LENGTH)})`}`;
}

function pathOf(url: string): string {
  return new URL(url).pathname;
}
