import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const SRC = fileURLToPath(new URL("../../src", import.meta.url));

const ADAPTERS = [
  "delivery",
  "store",
  "bluum",
  "tunnel",
  "emulator",
  "inspector",
  "team",
  "output",
  "checks",
  "config",
  "completion",
  "mcp",
];

/** Which folder or top-level file may import which others. Imports point in one direction. */
const MAY_IMPORT: Record<string, readonly string[]> = {
  core: [],
  platform: ["core"],
  ...Object.fromEntries(ADAPTERS.map((folder) => [folder, ["core", "platform"]])),
  features: ["core", "platform", ...ADAPTERS, "context.ts (types)"],
  "context.ts": ["core (types)", "platform (types)", ...ADAPTERS.map((folder) => `${folder} (types)`)],
  commands: ["core", "platform", ...ADAPTERS, "features", "context.ts (types)"],
  "cli.ts": ["core", "commands", "output", "context.ts (types)"],
  "wiring.ts": ["core", "platform", ...ADAPTERS, "context.ts (types)"],
  "main.ts": ["core", "platform", "mcp", "cli.ts", "wiring.ts"],
  "entry.ts": ["platform"],
};

interface Import {
  readonly from: string;
  readonly to: string;
  readonly isTypeOnly: boolean;
}

const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((file) => /\.tsx?$/.test(file));
const imports: Import[] = files.flatMap((from) => {
  const source = readFileSync(join(SRC, from), "utf8");
  const statements = source.matchAll(
    /(?:^|\n)\s*(?:import|export)(\s+type)?\b[^"';]*?from\s+"(\.[^"]+)"|import\("(\.[^"]+)"\)/g,
  );
  return [...statements].map(([, type, specifier, dynamic]) => ({
    from,
    to: relative(SRC, resolve(SRC, dirname(from), specifier ?? dynamic ?? "")),
    isTypeOnly: type !== undefined,
  }));
});
const place = (file: string) => file.split("/")[0] ?? file;

describe("imports", () => {
  it("are read from every file", () => {
    expect(files.length).toBeGreaterThan(40);
    expect(imports.length).toBeGreaterThan(100);
  });

  it("run one way: main → cli → commands → features → adapters → platform → core", () => {
    const wrong = imports.filter(({ from, to, isTypeOnly }) => {
      const [source, target] = [place(from), place(to)];
      if (source === target) return false;
      const allowed = MAY_IMPORT[source] ?? [];
      return !allowed.includes(target) && !(isTypeOnly && allowed.includes(`${target} (types)`));
    });
    expect(wrong).toEqual([]);
  });

  it("never lead from one command to another, be it a file or a folder", () => {
    const command = (file: string) => (place(file) === "commands" ? file.split("/")[1] : undefined);
    const wrong = imports.filter(({ from, to }) => {
      const [source, target] = [command(from), command(to)];
      if (source === target || target === undefined) return false;
      return target !== "shared" && source !== "index.ts" && to !== "commands/index.ts";
    });
    expect(wrong).toEqual([]);
  });

  it("never form a circle, types included", () => {
    const importedBy = new Map(files.map((file) => [file, imports.filter(({ from }) => from === file)]));
    const done = new Set<string>();
    const circleAt = (file: string, path: readonly string[]): readonly string[] | undefined => {
      if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
      if (done.has(file)) return undefined;
      for (const { to } of importedBy.get(file) ?? []) {
        const circle = circleAt(to, [...path, file]);
        if (circle !== undefined) return circle;
      }
      done.add(file);
      return undefined;
    };
    expect(files.flatMap((file) => circleAt(file, []) ?? [])).toEqual([]);
  });

  it("and only programs use `process`: the main one, its wiring, the agents of tunnels and what ends their programs, and the check of the store", () => {
    const naming = files.filter((file) =>
      /\bprocess\.(?!getBuiltinModule)[a-z]/i.test(readFileSync(join(SRC, file), "utf8")),
    );
    expect(naming.toSorted()).toEqual([
      "entry.ts",
      "main.ts",
      "store/check-process.ts",
      "tunnel/ngrok-agent.ts",
      "tunnel/process-group.ts",
      "tunnel/program-agent.ts",
      "wiring.ts",
    ]);
  });

  it("and only three files of the pure core use a built-in module: to hash, and to compare addresses", () => {
    const needing = files.filter(
      (file) => place(file) === "core" && /from "node:/.test(readFileSync(join(SRC, file), "utf8")),
    );
    expect(needing.toSorted()).toEqual(["core/delivery.ts", "core/hosts.ts", "core/signature.ts"]);
  });
});
