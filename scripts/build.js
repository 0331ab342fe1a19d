// Builds the program into dist/ as chunks, so that a command loads only what it needs.
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "rolldown";

const root = fileURLToPath(new URL("..", import.meta.url));
rmSync(`${root}/dist`, { recursive: true, force: true });
await build({
  cwd: root,
  input: { main: "src/main.ts", "ngrok-agent": "src/tunnel/ngrok-agent.ts" },
  platform: "node",
  external: ["libsql", "@ngrok/ngrok"],
  transform: { target: "node20.19" },
  output: { dir: "dist", format: "esm", chunkFileNames: "[name]-[hash].js" },
});
