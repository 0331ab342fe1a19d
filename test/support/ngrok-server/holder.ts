// A program that opens a tunnel and keeps it until it is killed, like the CLI. Reads its options as JSON from its
// environment and prints each change of state as a line of JSON.
import { systemClock } from "../../../src/platform/clock.ts";
import { type NgrokOptions } from "../../../src/tunnel/tunnel.ts";
import { openNgrok } from "../../../src/tunnel/ngrok.ts";

const given = JSON.parse(process.env["TUNNEL_OPTIONS"] ?? "") as NgrokOptions & { agentUrl: string };

await openNgrok({
  ...given,
  agentUrl: new URL(given.agentUrl),
  clock: systemClock,
  signal: new AbortController().signal,
  probe: undefined,
  onChange: (change) => process.stdout.write(`${JSON.stringify(change)}\n`),
});
