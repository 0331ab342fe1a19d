import { describe, expect, it, onTestFinished } from "vitest";
import { systemClock } from "../../src/platform/clock.ts";
import { openProgramTunnel } from "../../src/tunnel/program.ts";
import { commandProgram, TUNNEL_PROGRAMS, type TunnelProgram } from "../../src/tunnel/programs.ts";
import type { ProgramOptions, TunnelChange } from "../../src/tunnel/tunnel.ts";
import { signalGroup } from "../../src/tunnel/process-group.ts";
import { cloudflaredBox, untilEnded, writeFakeProgram, type FakeProgram } from "../support/tunnel-program/fake.ts";

const URL_1 = "https://one-two-three.trycloudflare.com";
const CONNECTED = `err("2026-11-30T10:00:03Z INF Registered tunnel connection connIndex=0 protocol=quic");`;
const OPENS = `err(${JSON.stringify(cloudflaredBox(URL_1))}); ${CONNECTED} hold();`;

const STUBBORN = `process.removeAllListeners("SIGINT"); process.on("SIGINT", () => {}); process.stdout.on("error", () => {});`;
/** Prints letters without a line break. */
const FLOODS = `const flood = () => process.stdout.write("a".repeat(65536), () => setImmediate(flood)); flood();`;

/** A test that fails leaves no process behind. */
const killAfterwards = (pid: number) => onTestFinished(() => signalGroup(pid, "SIGKILL"));

function optionsOf(program: TunnelProgram, fake: FakeProgram, more: Partial<ProgramOptions> = {}) {
  const changes: TunnelChange[] = [];
  const watchers = new Set<() => void>();
  const options: ProgramOptions = {
    upstreamUrl: "http://127.0.0.1:4600",
    program,
    env: { ...fake.env, BLUUM_API_SECRET: "secret" },
    clock: systemClock,
    signal: new AbortController().signal,
    probe: undefined,
    ...more,
    onChange: (change) => {
      changes.push(change);
      for (const look of watchers) look();
    },
  };
  const nth = (state: TunnelChange["state"], count: number) =>
    new Promise<TunnelChange>((resolve) => {
      const look = () => {
        const found = changes.filter((change) => change.state === state)[count - 1];
        if (found !== undefined) resolve(found);
      };
      watchers.add(look);
      look();
    });
  return { options, changes, nth };
}

async function open(program: TunnelProgram, fake: FakeProgram, more: Partial<ProgramOptions> = {}) {
  const { options, changes, nth } = optionsOf(program, fake, more);
  const tunnel = await openProgramTunnel(options);
  onTestFinished(() => tunnel.close());
  return { tunnel, changes, nth };
}

const failing = (program: TunnelProgram, fake: FakeProgram, more: Partial<ProgramOptions> = {}) =>
  openProgramTunnel(optionsOf(program, fake, more).options);

/** How often the watch over the clock looks. */
const WATCH_MS = 1_000;

const { cloudflared, tailscale } = TUNNEL_PROGRAMS;

describe("a tunnel program", () => {
  it("is started for the listener, without access to Bluum, and its URL is read once it is connected", async () => {
    const fake = writeFakeProgram("cloudflared", `if (process.env.BLUUM_API_SECRET) process.exit(9); ${OPENS}`);
    const { tunnel, changes } = await open(cloudflared, fake);
    expect(tunnel.url).toBe(URL_1);
    expect(fake.starts()).toEqual([expect.arrayContaining(["tunnel", "--url", "http://127.0.0.1:4600"])]);
    expect(changes).toEqual([
      { state: "connecting", url: null },
      { state: "connected", url: URL_1 },
    ]);
  });

  it("is asked to end when the tunnel is closed", async () => {
    const fake = writeFakeProgram("cloudflared", OPENS);
    const { tunnel } = await open(cloudflared, fake);
    await tunnel.close();
    expect(fake.signals()).toEqual(["SIGINT"]);
    await expect(untilEnded(fake.pid())).resolves.toBeUndefined();
    await expect(tunnel.ended).resolves.toBeUndefined();
  });

  it("is killed if it does not end, with all processes that it has started", async () => {
    const fake = writeFakeProgram(
      "cloudflared",
      `process.removeAllListeners("SIGINT"); process.on("SIGINT", () => {});
       const child = require("node:child_process").spawn("sleep", ["600"], { stdio: "ignore" });
       appendFileSync(log, JSON.stringify({ args: [], pid: child.pid }) + "\\n"); ${OPENS}`,
    );
    const { tunnel } = await open(cloudflared, fake, { timing: { closeMs: 50 } });
    await tunnel.close();
    await expect(untilEnded(fake.pid())).resolves.toBeUndefined();
  });

  it("is ended if it floods its output with an endless line, ignores signals and outlives its pipe", async () => {
    const fake = writeFakeProgram("cloudflared", `${STUBBORN} ${OPENS} ${FLOODS}`);
    const { tunnel } = await open(cloudflared, fake, { timing: { closeMs: 50 } });
    const pid = fake.pid();
    killAfterwards(pid);
    await tunnel.close();
    await expect(untilEnded(pid)).resolves.toBeUndefined();
  });

  it("is ended and started again when its agent is killed", async () => {
    const fake = writeFakeProgram(
      "cloudflared",
      `process.on("SIGUSR2", () => process.kill(process.ppid, "SIGKILL")); ${OPENS}`,
    );
    const { nth } = await open(cloudflared, fake);
    const pid = fake.pid();
    killAfterwards(pid);
    process.kill(pid, "SIGUSR2");
    await nth("connected", 2);
    await expect(untilEnded(pid)).resolves.toBeUndefined();
    expect(fake.starts()).toHaveLength(2);
  });

  it("that dies later is started again, and the new URL is reported", async () => {
    const fake = writeFakeProgram(
      "cloudflared",
      `err(${JSON.stringify(cloudflaredBox("https://start-0.trycloudflare.com"))}.replace("start-0", "start-" + nth)); ${CONNECTED}
       if (nth === 1) setTimeout(() => process.exit(1), 10); else hold();`,
    );
    const { nth, tunnel } = await open(cloudflared, fake);
    expect(await nth("connected", 2)).toEqual({ state: "connected", url: "https://start-2.trycloudflare.com" });
    expect(await nth("lost", 1)).toEqual({ state: "lost", url: "https://start-1.trycloudflare.com" });
    expect(tunnel.url).toBe("https://start-2.trycloudflare.com");
  });

  it("that dies again and again is started after growing pauses", async () => {
    const fake = writeFakeProgram("cloudflared", `err(${JSON.stringify(cloudflaredBox(URL_1))}); ${CONNECTED}`);
    const pausesMs: number[] = [];
    const { nth } = await open(cloudflared, fake, {
      timing: { startMs: 90_000, connectMs: 90_000, reconnectMs: 90_000, bindMs: 90_000 },
      clock: {
        now: () => 0,
        sleep: async (ms, signal) => {
          const isPause = ms < 30_000 && ms % 250 === 0 && ms !== WATCH_MS;
          if (!isPause) return systemClock.sleep(ms, signal);
          pausesMs.push(ms);
        },
      },
    });
    await nth("lost", 5);
    expect(pausesMs.slice(0, 2)).toEqual([250, 500]);
  });

  it("whose connection is in doubt is left alone while the public URL leads here", async () => {
    const fake = writeFakeProgram(
      "cloudflared",
      `${OPENS} setTimeout(() => err("2026-11-30T10:00:09Z ERR Connection terminated connIndex=0"), 20);`,
    );
    let isProbed: () => void = () => {};
    const probed = new Promise<void>((resolve) => (isProbed = resolve));
    const { changes } = await open(cloudflared, fake, {
      probe: async () => {
        isProbed();
        return true;
      },
    });
    await probed;
    expect(changes.map(({ state }) => state)).toEqual(["connecting", "connected"]);
    expect(fake.starts()).toHaveLength(1);
  });

  it("whose public URL no longer leads here is replaced", async () => {
    const fake = writeFakeProgram(
      "cloudflared",
      `${OPENS} if (nth === 1) setTimeout(() => err("2026-11-30T10:00:09Z ERR Connection terminated connIndex=0"), 20);`,
    );
    const { nth } = await open(cloudflared, fake, {
      probe: async () => fake.starts().length > 1,
      timing: { recoveryMs: 20 },
    });
    await nth("connected", 2);
    expect(fake.starts()).toHaveLength(2);
  });
});

describe("a tunnel program that does not open a tunnel", () => {
  it("and is not installed is an error that says where to get it", async () => {
    const none = writeFakeProgram("other", "");
    await expect(failing(cloudflared, { ...none, env: { PATH: "/nonexistent" } })).rejects.toMatchObject({
      code: "tunnel_program_missing",
      message: "cloudflared is not installed",
      hint: expect.stringContaining("https://developers.cloudflare.com") as string,
    });
    await expect(failing(commandProgram("no-such-tunnel {port}"), none)).rejects.toMatchObject({
      code: "tunnel_program_missing",
      message: expect.stringContaining("no-such-tunnel") as string,
    });
  });

  it("but dies at once is quoted", async () => {
    const fake = writeFakeProgram(
      "cloudflared",
      `err("\\u001b[31mflag provided but not defined: -url\\u001b[0m"); process.exit(2);`,
    );
    await expect(failing(cloudflared, fake)).rejects.toMatchObject({
      code: "tunnel_unavailable",
      message: "cloudflared ended with exit code 2: flag provided but not defined: -url",
    });
  });

  it("but never prints a URL is ended, and quoted", async () => {
    const fake = writeFakeProgram(
      "cloudflared",
      `err("INF Requesting new quick Tunnel on trycloudflare.com..."); hold();`,
    );
    await expect(failing(cloudflared, fake, { timing: { bindMs: 500 } })).rejects.toMatchObject({
      code: "tunnel_unavailable",
      message: expect.stringMatching(/^cloudflared printed no public URL in time: INF Requesting/) as string,
    });
    await expect(untilEnded(fake.pid())).resolves.toBeUndefined();
  });

  it("but prints an endless line is ended, and quoted in part", async () => {
    const fake = writeFakeProgram("cloudflared", `${STUBBORN} ${FLOODS}`);
    const error = await failing(cloudflared, fake, { timing: { bindMs: 500 } }).catch((reason: Error) => reason);
    const pid = fake.pid();
    killAfterwards(pid);
    expect((error as Error).message).toMatch(/^cloudflared printed no public URL in time: a{10}/);
    await expect(untilEnded(pid)).resolves.toBeUndefined();
  });

  it("but prints garbage is quoted without its control characters", async () => {
    const fake = writeFakeProgram(
      "cloudflared",
      `process.stdout.write(Buffer.from([0, 27, 91, 50, 74, 255, 7, 10, 104, 105, 10])); hold();`,
    );
    const error = await failing(cloudflared, fake, { timing: { bindMs: 500 } }).catch((reason: Error) => reason);
    expect((error as Error).message).toMatch(/in time: .{0,3} ?hi$/);
  });

  it.each([
    [
      "cloudflared",
      `ERR Error unmarshaling QuickTunnel response: error code: 1015 status_code="429 Too Many Requests"`,
      { code: "tunnel_refused", message: expect.stringContaining("too many") as string },
    ],
    [
      "cloudflared",
      `failed to request quick Tunnel: Post "https://api.trycloudflare.com/tunnel": dial tcp: lookup api.trycloudflare.com: no such host`,
      { code: "tunnel_unavailable", message: "cloudflared cannot reach api.trycloudflare.com" },
    ],
    [
      "tailscale",
      "Access denied: serve config denied\n\nUse 'sudo tailscale funnel http://127.0.0.1:4600'.",
      { code: "tunnel_refused", hint: expect.stringContaining("sudo tailscale set --operator") as string },
    ],
    [
      "tailscale",
      "sending serve config: updating config: listener already exists for port 443",
      { code: "tunnel_endpoint_taken" },
    ],
    [
      "tailscale",
      "failed to connect to local tailscaled; it doesn't appear to be running (sudo systemctl start tailscaled ?)",
      { code: "tunnel_unavailable", hint: expect.stringContaining("tailscale up") as string },
    ],
  ] as const)("%s: %s", async (name, text, expected) => {
    const fake = writeFakeProgram(name, `err(${JSON.stringify(text)}); process.exitCode = 1;`);
    await expect(failing(TUNNEL_PROGRAMS[name], fake)).rejects.toMatchObject(expected);
  });

  it("tailscale that waits until Funnel is enabled is ended, and its link shown", async () => {
    const link = "https://login.tailscale.com/f/funnel?node=nABC123";
    const fake = writeFakeProgram(
      "tailscale",
      `out("\\nFunnel is not enabled on your tailnet.\\nTo enable, visit:\\n\\n         ${link}\\n"); hold();`,
    );
    await expect(failing(tailscale, fake)).rejects.toMatchObject({
      code: "tunnel_refused",
      hint: `Enable it at ${link} and start listen again.`,
    });
    await expect(untilEnded(fake.pid())).resolves.toBeUndefined();
  });
});

it("tailscale is started in the foreground, and its URL is read from stdout", async () => {
  const fake = writeFakeProgram(
    "tailscale",
    `out("Available on the internet:\\n\\nhttps://laptop.tail1a2b.ts.net/\\n|-- proxy http://127.0.0.1:4600\\n\\nPress Ctrl+C to exit."); hold();`,
  );
  const { tunnel } = await open(tailscale, fake);
  expect(tunnel.url).toBe("https://laptop.tail1a2b.ts.net");
  expect(fake.starts()).toEqual([["funnel", "--yes", "http://127.0.0.1:4600"]]);
});

describe("a command of the user", () => {
  it("is run by the shell with the port, and the first https origin that it prints is the URL", async () => {
    const fake = writeFakeProgram(
      "lt",
      `out("docs: https://tunnel.example/docs/start");
       out("forwarding http://localhost:" + port + " from 'https://abc.tunnel.example:8443/'"); hold();`,
    );
    const { tunnel } = await open(commandProgram("echo starting && exec lt --port {port}"), fake);
    expect(tunnel.url).toBe("https://abc.tunnel.example:8443");
    expect(fake.starts()).toEqual([["--port", "4600"]]);
  });

  it("is ended with every part of its pipeline", async () => {
    const fake = writeFakeProgram("lt", `out("https://abc.tunnel.example"); hold();`);
    const { tunnel } = await open(commandProgram("lt {port} | cat"), fake);
    await tunnel.close();
    await expect(untilEnded(fake.pid())).resolves.toBeUndefined();
  });
});
