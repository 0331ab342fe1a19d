import type { NewFact, RefusedRequest } from "../../core/facts.ts";

type RefusedFact = Extract<NewFact, { type: "refused" }>;

/** What the listener expects. The sender is not informed of it. */
interface Expected {
  readonly path: string;
  readonly maxBodyBytes: number;
}

const MB = 1024 * 1024;

/** A refused request, with the flag that helps if it was meant as a delivery. */
export function refusedFact(request: RefusedRequest, expected: Expected): RefusedFact {
  const [why, hint] = reasonOf(request, expected);
  const { status, method, path, bytes } = request;
  const size = bytes === null || bytes === 0 ? "" : `, ${sizeText(bytes)}`;
  const what = method === null ? "a connection" : `${method} ${path ?? ""}`;
  const message = `refused ${what} (${status}${size}): ${why}`;
  return { type: "refused", ...request, message, ...(hint === undefined ? {} : { hint }) };
}

function reasonOf(
  { status, method, bytes }: RefusedRequest,
  { path, maxBodyBytes }: Expected,
): readonly [why: string, hint?: string] {
  switch (status) {
    case 404:
      return method === "POST"
        ? [`deliveries are accepted at ${path}`, "Correct the sender's URL, or listen at another path with --path."]
        : [`only POST ${path} is accepted`];
    case 405:
      return ["the path is right, but only POST is accepted"];
    case 408:
      return ["it did not send a complete request in time, or too many connections were open"];
    case 413: {
      const enough = bytes === null ? "SIZE" : `${Math.ceil(bytes / MB)}mb`;
      return [
        `the body is larger than ${sizeText(maxBodyBytes)}`,
        `Accept larger bodies with --max-body ${enough}, if you trust the sender.`,
      ];
    }
    case 431:
      return ["its headers are larger than 64 KB"];
    default:
      return ["it did not send HTTP; a sender that uses https:// needs a tunnel in front of the listener"];
  }
}

function sizeText(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  return bytes < MB ? `${Math.round(bytes / 1024)} KB` : `${Number((bytes / MB).toFixed(1))} MB`;
}
