import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A framework with an example, and how a project that uses it is recognized. */
export interface Framework {
  /** Its folder in `examples/`. */
  readonly name: string;
  readonly title: string;
  /** The port on which its apps usually listen. */
  readonly port: number;
  /** The file that names it, and its package; without one the file alone is enough. */
  readonly manifest: "package.json" | "requirements.txt" | "go.mod" | "composer.json";
  readonly package?: string;
  /** The commands that install and start the example. */
  readonly commands: (port: number) => readonly string[];
}

const npm = () => ["npm install", "npm start"];
const npmBuild = () => ["npm install", "npm run build", "npm start"];
const pip = (start: string) => () => ["pip install -r requirements.txt", start];

/** Those that are built on others come first. */
export const FRAMEWORKS: readonly Framework[] = [
  {
    name: "nextjs",
    title: "Next.js",
    port: 3000,
    manifest: "package.json",
    package: "next",
    commands: (port) => ["npm install", "npm run build", `npm start -- --port ${port}`],
  },
  {
    name: "nestjs",
    title: "NestJS",
    port: 3000,
    manifest: "package.json",
    package: "@nestjs/core",
    commands: npmBuild,
  },
  { name: "fastify", title: "Fastify", port: 3000, manifest: "package.json", package: "fastify", commands: npm },
  { name: "hono", title: "Hono", port: 3000, manifest: "package.json", package: "hono", commands: npm },
  { name: "express", title: "Express", port: 3000, manifest: "package.json", package: "express", commands: npm },
  {
    name: "fastapi",
    title: "FastAPI",
    port: 8000,
    manifest: "requirements.txt",
    package: "fastapi",
    commands: pip("python main.py"),
  },
  {
    name: "django",
    title: "Django",
    port: 8000,
    manifest: "requirements.txt",
    package: "django",
    commands: (port) => [
      "pip install -r requirements.txt",
      "python manage.py migrate",
      `python manage.py runserver ${port}`,
    ],
  },
  {
    name: "flask",
    title: "Flask",
    port: 5000,
    manifest: "requirements.txt",
    package: "flask",
    commands: pip("python app.py"),
  },
  { name: "go", title: "Go", port: 8080, manifest: "go.mod", commands: () => ["go run ."] },
  {
    name: "php",
    title: "PHP",
    port: 8000,
    manifest: "composer.json",
    commands: (port) => [`php -S 127.0.0.1:${port} public/index.php`],
  },
];

/** The framework of the project in a folder, and the file that names it. */
export function detectFramework(folder: string): { readonly framework: Framework; readonly file: string } | undefined {
  for (const framework of FRAMEWORKS) {
    const file = filesOf(framework.manifest).find((each) => isNamedIn(readText(join(folder, each)), framework.package));
    if (file !== undefined) return { framework, file };
  }
  return undefined;
}

function filesOf(manifest: Framework["manifest"]): readonly string[] {
  return manifest === "requirements.txt" ? ["pyproject.toml", "requirements.txt"] : [manifest];
}

/** Whether a manifest names a package: as a word of its own, because `fastify-plugin` is not `fastify`. */
function isNamedIn(text: string | undefined, name: string | undefined): boolean {
  if (text === undefined || name === undefined) return text !== undefined;
  return new RegExp(String.raw`(?<![\w@/.-])${name}(?![\w/.-])`, "i").test(text.replaceAll(/^\s*#.*$/gm, ""));
}

/** The text of a file; undefined if there is none. Throws the system's other errors. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
