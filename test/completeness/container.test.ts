import { readFileSync } from "node:fs";
import { validate } from "dockerfile-utils";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

describe("the Dockerfile", () => {
  const text = read("Dockerfile");
  const instructions = text
    .replaceAll(/^#.*\n/gm, "")
    .replaceAll("\\\n", "")
    .split("\n")
    .filter((line) => line !== "");
  const last = (name: string) => instructions.findLast((line) => line.startsWith(`${name} `))?.slice(name.length + 1);

  it("has no faults", () => {
    expect(validate(text)).toEqual([]);
  });

  it("starts the packed program directly, so that it is the process that gets SIGTERM", () => {
    const [command, ...words] = JSON.parse(last("ENTRYPOINT") ?? "") as string[];
    expect([command, words[0]]).toEqual(["node", "--"]);
    const { bin } = JSON.parse(read("package.json")) as { bin: Record<string, string> };
    expect(words[1]).toMatch(new RegExp(`/node_modules/bluum-hooks/${bin["bluum-hooks"]}$`));
    expect(JSON.parse(last("CMD") ?? "")).toBeInstanceOf(Array);
  });

  it("runs as a user without rights, whose only folder is a volume that nobody else can read", () => {
    expect(last("USER")).toMatch(/^[1-9]\d{3,}:[1-9]\d{3,}$/);
    const volume = last("VOLUME");
    expect(text).toContain(`BLUUM_HOOKS_HOME=${volume} `);
    expect(text).toMatch(new RegExp(`install .*--owner ${last("USER")?.split(":")[0]} .*--mode 700 ${volume}$`, "m"));
  });

  it("has one base, which can be pinned", () => {
    const bases = instructions.filter((line) => line.startsWith("FROM ")).map((line) => line.split(" ")[1]);
    expect(new Set(bases)).toEqual(new Set(["${NODE_IMAGE}"]));
    expect(last("ARG")).toMatch(/^NODE_IMAGE=node:\d+-slim$/);
  });
});

const servicesOf = (path: string) =>
  (parse(read(path)) as { services: Record<string, Record<string, unknown>> }).services;

it("the team's server has a read-only root, no rights, a volume, and no port that the network reaches", () => {
  const { hooks, postgres } = servicesOf("examples/compose.team.yaml");
  expect(hooks).toMatchObject({ read_only: true, cap_drop: ["ALL"], volumes: ["hooks:/data"] });
  expect(hooks?.["ports"]).toEqual([expect.stringMatching(/^127\.0\.0\.1:/)]);
  // Its port is open: only with TLS, and with a password that no example contains.
  expect(postgres?.["command"]).toContain("ssl=on");
  expect(postgres?.["environment"]).toMatchObject({
    POSTGRES_PASSWORD: expect.stringMatching(/^\$\{\w+:\?/) as unknown,
  });
});

it("the containers of the compose example have a read-only root, no rights, and commands in exec form", () => {
  const services = servicesOf("examples/compose.yaml");
  expect(services["hooks"]).toMatchObject({
    read_only: true,
    cap_drop: ["ALL"],
    command: expect.any(Array) as unknown,
  });
  expect(services["app"]).toMatchObject({ network_mode: "service:hooks", command: expect.any(Array) as unknown });
});
