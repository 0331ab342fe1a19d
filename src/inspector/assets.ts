import { readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import type { ServerResponse } from "node:http";
import { Refused } from "./answers.ts";
import type { Manifest } from "./contract.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};
const PAGE = "index.html";
/** Paths of the page: the list, a delivery, an order or transfer, two deliveries for comparison. */
const PAGES = /^\/(?:(?:d|r)\/[^/]+|compare\/[^/]+\/[^/]+)?$/;

/** The page and its files, as listed by the build; no other files are served. */
export class Assets {
  readonly #folder: string;
  #files: Promise<ReadonlyMap<string, Buffer>> | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async serve(response: ServerResponse, method: string, path: string): Promise<void> {
    const name = PAGES.test(path) ? PAGE : /^\/assets\/([\w.-]+)$/.exec(path)?.[1];
    if (name === undefined) throw new Refused(404, "the page does not exist");
    if (method !== "GET" && method !== "HEAD") throw new Refused(405, "pages support only GET");
    this.#files ??= this.#read();
    const files = await this.#files;
    const bytes = files.get(name);
    const type = TYPES[extname(name)];
    if (bytes === undefined || type === undefined) {
      if (!files.has(PAGE)) {
        throw new Refused(503, "the page of the inspector is not built", "Build it with: npm run build");
      }
      throw new Refused(404, "the file does not exist");
    }
    response.writeHead(200, {
      "content-type": type,
      "content-length": bytes.length,
      "cache-control": name === PAGE ? "no-store" : "public, max-age=31536000, immutable",
    });
    response.end(method === "HEAD" ? undefined : bytes);
  }

  async #read(): Promise<ReadonlyMap<string, Buffer>> {
    try {
      const { files } = JSON.parse(await readFile(join(this.#folder, "manifest.json"), "utf8")) as Manifest;
      return new Map(
        await Promise.all(files.map(async (name) => [name, await readFile(join(this.#folder, name))] as const)),
      );
    } catch {
      // Not built, or not completely: the next request checks again.
      this.#files = undefined;
      return new Map();
    }
  }
}
