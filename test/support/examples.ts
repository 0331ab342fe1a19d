import { spawnSync } from "node:child_process";
import { hasPackages, type Example } from "./example.ts";

/** Debian's own, with the packages that apt installs. */
const PYTHON = "/usr/bin/python3";
const GO_SQLITE = "/usr/share/gocode/src/github.com/mattn/go-sqlite3";

const succeeds = (program: string, ...args: string[]) => spawnSync(program, args).status === 0;
const withoutModules = (...modules: string[]) =>
  succeeds(PYTHON, "-c", `import ${modules.join(", ")}`) ? "" : `${PYTHON} has no ${modules.join(", ")}`;
const withoutPackages = (folder: string, ...names: string[]) =>
  hasPackages(folder, ...names) ? "" : `run npm install in ${folder}`;

const node = (name: string, title: string): Example => ({
  name,
  title,
  packages: ".",
  missing: "",
  start: () => [process.execPath, "server.js"],
});

const bin = (file: string, ...args: string[]): [string, ...string[]] => [
  process.execPath,
  `node_modules/${file}`,
  ...args,
];
const next = (...args: string[]) => bin("next/dist/bin/next", ...args);

/** Every example; one that cannot run here says why. */
export const EXAMPLES: readonly Example[] = [
  node("express", "Express"),
  node("fastify", "Fastify"),
  node("hono", "Hono"),
  {
    name: "nestjs",
    title: "NestJS",
    packages: "examples/nestjs",
    missing: withoutPackages("examples/nestjs", "@nestjs/core", "typescript"),
    prepare: [bin("typescript/bin/tsc")],
    start: () => [process.execPath, "dist/main.js"],
  },
  {
    name: "nextjs",
    title: "Next.js",
    packages: "examples/nextjs",
    missing: withoutPackages("examples/nextjs", "next", "typescript"),
    // Its other bundler does not follow the link to the packages.
    prepare: [next("build", "--webpack")],
    start: (port) => next("start", "--hostname", "127.0.0.1", "--port", `${port}`),
    startEdited: (port) => next("dev", "--webpack", "--hostname", "127.0.0.1", "--port", `${port}`),
  },
  { name: "flask", title: "Flask", missing: withoutModules("flask", "flask_wtf"), start: () => [PYTHON, "app.py"] },
  {
    name: "django",
    title: "Django",
    missing: withoutModules("django"),
    prepare: [[PYTHON, "manage.py", "migrate"]],
    start: (port) => [PYTHON, "manage.py", "runserver", "--noreload", `127.0.0.1:${port}`],
  },
  {
    name: "fastapi",
    title: "FastAPI",
    missing: withoutModules("fastapi", "uvicorn"),
    start: () => [PYTHON, "main.py"],
  },
  {
    name: "go",
    title: "Go",
    missing: succeeds("go", "version") && succeeds("ls", GO_SQLITE) ? "" : `there is no go, or no ${GO_SQLITE}`,
    // The packages of Debian, in place of those that go.mod downloads.
    prepare: [
      ["go", "mod", "edit", `-replace=github.com/mattn/go-sqlite3=${GO_SQLITE}`],
      ["go", "build", "-tags", "libsqlite3", "-o", "webhooks"],
    ],
    start: () => ["./webhooks"],
  },
  {
    name: "php",
    title: "PHP",
    missing: succeeds("php", "-r", "exit(extension_loaded('pdo_sqlite') ? 0 : 1);")
      ? ""
      : "there is no php with SQLite",
    start: (port) => ["php", "-S", `127.0.0.1:${port}`, "public/index.php"],
  },
];
