import { isLoopbackHost, isPrivateHost, tunnelDomainOf } from "../core/hosts.ts";
import type { CheckGroup } from "./check-definition.ts";
import { describeOutcome } from "./findings.ts";

/** The path between Bluum and the endpoint. Everything is known from the URL and the first request. */
export const transport: CheckGroup = {
  name: "transport",
  checks: [
    {
      id: "transport.reachable",
      title: "answers HTTP",
      requirement: "required",
      why: "An endpoint that cannot be reached loses every event once the retries are used up.",
      sent: "one event",
      expected: "any answer, whatever its status",
      fix: "Start the app. Check host, port and path of the URL, and the firewall in front of it.",
      isSafe: true,
      run: (_kit, { outcome }) => ({
        result: outcome.kind === "answered" ? "passed" : "failed",
        got: describeOutcome(outcome),
      }),
    },
    {
      id: "transport.https",
      title: "HTTPS with a valid certificate",
      requirement: "by-host",
      why: "Bluum delivers to production endpoints over HTTPS only, and refuses certificates that it cannot verify.",
      sent: "one event",
      expected: "an https URL whose certificate is valid for its host",
      fix: "Serve the endpoint over HTTPS with a certificate from a public authority.",
      isSafe: true,
      run({ url }, contact) {
        if (url.protocol !== "https:") {
          const { hostname } = url;
          const place = isLoopbackHost(hostname)
            ? "on this machine"
            : isPrivateHost(hostname)
              ? "in a private network"
              : "";
          return {
            result: "failed",
            got: `the URL is plain http${place === "" ? "" : `, which is allowed ${place}`}`,
          };
        }
        if (contact.certificateProblem === undefined) return { result: "passed", got: "the certificate is valid" };
        return {
          result: "failed",
          got: contact.certificateProblem,
          fix: "Use a valid certificate for this host from a public authority, and send its whole chain. For your own authority, add --ca FILE.",
        };
      },
    },
    {
      id: "transport.tunnel",
      title: "not behind a tunnel",
      requirement: "advisory",
      why: "A tunnel ends when a laptop is closed. Bluum's checklist asks for the production URL.",
      sent: "nothing; the URL is enough",
      expected: "a host that does not belong to a tunnel service",
      fix: "Deploy the app and use its own public URL.",
      isSafe: true,
      run({ url }) {
        const tunnel = tunnelDomainOf(url.hostname);
        if (tunnel === undefined)
          return { result: "passed", got: `${url.hostname} does not belong to a known tunnel service` };
        return { result: "failed", got: `${url.hostname} belongs to the tunnel service ${tunnel}` };
      },
    },
  ],
};
