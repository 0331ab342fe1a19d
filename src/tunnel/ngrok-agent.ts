// The main file of the agent: a process of its own that holds the ngrok SDK, so that whatever the SDK does to its
// process (hang, abort, print on stdout) it does to this one.
import type { Listener, Session } from "@ngrok/ngrok";
import type { AgentRequest, FromAgent, Stage, ToAgent } from "./agent-messages.ts";

const NAME = "bluum-hooks";

// Ctrl-C and a closed terminal reach every process of the terminal. The parent decides: it has a webhook to restore
// before the tunnel may go.
process.on("SIGINT", () => {});
process.on("SIGHUP", () => {});
// The parent is gone, however it died.
process.on("disconnect", leave);
if (!process.connected) leave();

let session: Session | undefined;
let listener: Listener | undefined;

process.on("message", (message: ToAgent) => {
  switch (message.type) {
    case "open":
      void open(message.request);
      break;
    case "close":
      void close();
      break;
    default:
      message satisfies never;
  }
});

async function open(request: AgentRequest): Promise<void> {
  let stage: Stage = "start";
  try {
    // Loaded here and not above, so that a missing native package is an answer and not a crash.
    const { SessionBuilder } = await import("@ngrok/ngrok");
    tell({ type: "started" });
    stage = "connect";
    const builder = new SessionBuilder();
    builder
      .authtoken(request.authtoken)
      .clientInfo(NAME, request.version)
      .heartbeatInterval(request.heartbeatIntervalS)
      .heartbeatTolerance(request.heartbeatToleranceS)
      // The SDK aborts the process if this throws or returns anything but a boolean.
      .handleDisconnection(() => {
        tell({ type: "dropped" });
        return true;
      })
      // Declared as a number, but null when the heartbeat was missed.
      .handleHeartbeat((latencyMs: number | null) => tell({ type: "heartbeat", isMissed: latencyMs === null }));
    if (request.serverAddr !== null) builder.serverAddr(request.serverAddr);
    if (request.trust.kind === "host") builder.rootCas("host");
    if (request.trust.kind === "pem") builder.caCert(Buffer.from(request.trust.pem));
    session = await builder.connect();
    tell({ type: "authenticated" });
    stage = "bind";
    // Without a `forwardsTo` of ours the SDK tells the service this machine's name and paths, or the upstream's address.
    const endpoint = session.httpEndpoint().forwardsTo(NAME).metadata(NAME);
    if (request.domain !== null) endpoint.domain(request.domain);
    listener = await endpoint.listen();
    // Fulfilled at the listener's end; without it nothing is left for this process to do.
    listener.forward(request.upstreamUrl).catch(leave);
    tell({ type: "bound", url: listener.url() ?? "" });
  } catch (error) {
    tell({ type: "failed", stage, text: error instanceof Error ? error.message : String(error) });
  }
}

async function close(): Promise<void> {
  try {
    await listener?.close();
    await session?.close();
  } catch {
    // The service is away: for it the tunnel ends with this process.
  }
  tell({ type: "closed" });
}

/** Never throws: callbacks of the SDK depend on it. */
function tell(message: FromAgent): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}

function leave(): never {
  // oxlint-disable-next-line unicorn/no-process-exit -- this is a program's main file, and the SDK's threads may hang
  process.exit();
}
