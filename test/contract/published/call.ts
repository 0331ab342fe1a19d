/** A call that a page of docs.bluumfinance.com shows, with the answer that is published for it. */
export interface PublishedCall {
  /** The page of the command. */
  readonly page: string;
  readonly does: string;
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** With the guide's shell variables: `/investors/$INVESTOR_ID/orders`. */
  readonly path: string;
  /** The prefix of the `Idempotency-Key`, which the guide completes with `uuidgen`. */
  readonly keyed?: string;
  /** Texts may contain a shell variable. */
  readonly body?: Readonly<Record<string, unknown>>;
  /** How the page writes the command: the guides with `-X`, the reference with `--request`. */
  readonly style?: "guide" | "reference";
  readonly status: number;
  /** The page of the answer, if it is another one. */
  readonly answerPage?: string;
  /** Undefined if no page shows the answer. */
  readonly answer?: unknown;
  /** The shell variable that gets the id of the answer. */
  readonly keeps?: string;
  /** Whether it depends on an order that was filled. */
  readonly needsMarket?: true;
  /** Whether it creates an investor or account, which the sandbox would keep: there, the given one is used. */
  readonly createsOwner?: true;
  /** The status that is waited for, with the same command. */
  readonly until?: string;
}

/** The command as the page writes it. The host and the ids are in variables, as in the guide. */
export function commandOf({ method, path, keyed, body, style = "guide" }: PublishedCall): string {
  const lines =
    style === "guide"
      ? [`curl -X ${method} "$BASE_URL${path}"`, `-H "Authorization: Basic $AUTH"`]
      : [`curl --request ${method}`, `--url "$BASE_URL${path}"`, `--header "Authorization: Basic $AUTH"`];
  const [header, data] = style === "guide" ? ["-H", "-d"] : ["--header", "--data"];
  if (body !== undefined) lines.push(`${header} "Content-Type: application/json"`);
  if (keyed !== undefined) lines.push(`${header} "Idempotency-Key: ${keyed}-$(uuidgen)"`);
  // A variable leaves the single quotes, as in the guide.
  if (body !== undefined) {
    const json = JSON.stringify(body, null, 2).replaceAll(/"\$(\w+)"/g, `"'"$$$1"'"`);
    lines.push(`${data} '${json}'`);
  }
  return lines.join(" \\\n  ");
}
