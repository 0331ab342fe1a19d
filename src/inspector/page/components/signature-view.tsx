import type { Detail, Verification } from "../../contract.ts";
import { duration, fullTime } from "../format.ts";
import { isBadVerdict } from "../words.ts";
import { HeaderTable } from "./header-table.tsx";

const MEANING = {
  verified: "The body is what the sender signed.",
  mismatch: "The signature does not match the body and the known secrets.",
  stale: "The signature matches, but it is older than 5 minutes.",
  unsigned: "No header carries a signature.",
  "no-secret": "The signing secret is not known here, so the signature was not checked.",
} as const;

export function SignatureView({ shown }: { readonly shown: Detail }) {
  const { verification, reasons, row, headers } = shown;
  const { verdict, header } = verification;
  const isNamed = (name: string) => name === header || /signature|timestamp|^(webhook|svix)-id$/.test(name);
  const carrying = headers.filter(([name]) => isNamed(name.toLowerCase()));
  return (
    <div class="stack">
      <div class="verdict" data-bad={isBadVerdict(verdict)}>
        <p class="verdict-word">{verdict === "no-secret" ? "not verified" : verdict}</p>
        <p>{MEANING[verdict]}</p>
      </div>
      {reasons.length === 0 ? null : (
        <ul class="reasons">
          {reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      )}
      <SignatureFacts verification={verification} receivedAt={row.receivedAt} />
      {carrying.length === 0 ? null : <HeaderTable headers={carrying} marked={header === null ? [] : [header]} />}
    </div>
  );
}

function SignatureFacts({
  verification,
  receivedAt,
}: {
  readonly verification: Verification;
  readonly receivedAt: number;
}) {
  const { scheme, header, signedAt, secretHint } = verification;
  const rows = [
    ["Scheme", scheme],
    ["Header", header],
    [
      "Signed",
      signedAt === null
        ? null
        : `${fullTime(signedAt)} · ${duration(Math.abs(receivedAt - signedAt))} before it was received`,
    ],
    ["Secret", secretHint],
  ] as const;
  const known = rows.filter(([, value]) => value !== null);
  if (known.length === 0) return null;
  return (
    <dl class="facts single">
      {known.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
