/** Of an answer; the rest is not read. */
const MAX_BYTES = 64 * 1024;

/**
 * The body that answers one GET, whatever its status. Redirects are not followed, and no proxy is used. With Node's own client:
 * commands ask this before they know whether they need undici at all. Rejects with what Node throws.
 */
export async function get(url: URL, signal: AbortSignal): Promise<string> {
  const { request } = url.protocol === "https:" ? await import("node:https") : await import("node:http");
  return new Promise((resolve, reject) => {
    // An agent of its own, because the global one may go by the environment.
    const call = request(url, { agent: false, signal }, (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      const end = () => resolve(Buffer.concat(chunks).toString());
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        bytes += chunk.length;
        if (bytes <= MAX_BYTES) return;
        end();
        response.destroy();
      });
      response.once("end", end);
      response.once("error", reject);
    });
    call.once("error", reject);
    call.end();
  });
}
