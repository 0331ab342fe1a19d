const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens there",
  ECONNRESET: "the connection was reset",
  ENOTFOUND: "the host name is unknown",
  EAI_AGAIN: "the host name could not be looked up",
  EHOSTUNREACH: "there is no route to the host",
  ENETUNREACH: "there is no network",
  ETIMEDOUT: "it took too long to connect",
  UND_ERR_CONNECT_TIMEOUT: "it took too long to connect",
  UND_ERR_SOCKET: "the connection was closed",
  EPROTO: "it does not speak TLS on this port",
  ERR_SSL_WRONG_VERSION_NUMBER: "it does not speak TLS on this port",
};

const BAD_CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL/;

/** Why a host could not be spoken to, in words, from what Node or undici threw. */
export function networkReason(error: unknown): string {
  // With several addresses for one host the codes stand one level deeper.
  if (error instanceof AggregateError && error.message === "") return networkReason(error.errors[0]);
  const code = typeof error === "object" && error !== null && "code" in error ? String(error.code) : "";
  if (Object.hasOwn(REASONS, code)) return REASONS[code] ?? code;
  if (BAD_CERTIFICATE.test(code)) return `its certificate does not hold (${code})`;
  return error instanceof Error ? error.message || code || error.name : String(error);
}
