// The main file of the agent: a separate process for the ngrok SDK, so that the SDK can hang, abort or print on
// stdout without affecting the main process.
import type { Listener, Session } from "@ngrok/ngrok";
import type { AgentRequest, FromAgent, Stage, ToAgent } from "./agent-messages.ts";

const NAME = "bluum-hooks";

// Ctrl-C and a closed terminal signal every process of the terminal. The parent decides when to stop: it must restore
// a webhook before the tunnel closes.
process.on("SIGINT", () => {});
process.on("SIGHUP", () => {});
// The parent has exited or crashed.
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
    // Loaded here and not above, so that a missing native package is reported and does not crash the agent.
    const { SessionBuilder } = await import("@ngrok/ngrok");
    send({ type: "started" });
    stage = "connect";
    const builder = new SessionBuilder();
    builder
      .authtoken(request.authtoken)
      .clientInfo(NAME, request.version)
      .heartbeatInterval(request.heartbeatIntervalS)
      .heartbeatTolerance(request.heartbeatToleranceS)
      // The SDK aborts the process if this throws or returns anything but a boolean.
      .handleDisconnection(() => {
        send({ type: "dropped" });
        return true;
      })
      // Declared as a number, but null if the heartbeat was missed.
      .handleHeartbeat((latencyMs: number | null) => send({ type: "heartbeat", isMissed: latencyMs === null }));
    if (request.serverAddr !== null) builder.serverAddr(request.serverAddr);
    if (request.trust.kind === "host") builder.rootCas("host");
    if (request.trust.kind === "pem") builder.caCert(Buffer.from(request.trust.pem));
    session = await builder.connect();
    send({ type: "authenticated" });
    stage = "bind";
    // Without an explicit `forwardsTo` the SDK sends the service this machine's name and paths, or the upstream's
    // address.
    const endpoint = session.httpEndpoint().forwardsTo(NAME).metadata(NAME);
    if (request.domain !== null) endpoint.domain(request.domain);
    listener = await endpoint.listen();
    // Fulfilled when the listener ends; then this process has nothing left to do.
    listener.forward(request.upstreamUrl).catch(leave);
    send({ type: "bound", url: listener.url() ?? "" });
  } catch (error) {
    send({ type: "failed", stage, text: error instanceof Error ? error.message : String(error) });
  }
}

async function close(): Promise<void> {
  try {
    await listener?.close();
    await session?.close();
  } catch {
    // The service is unreachable: it closes the tunnel when this process ends.
  }
  send({ type: "closed" });
}

/** Never throws: callbacks of the SDK depend on it. */
function send(message: FromAgent): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => {});
}

function leave(): never {
  // oxlint-disable-next-line unicorn/no-process-exit -- this is a program's main file, and the SDK's threads may hang
  process.exit();
}
