/** Maximum size of a response; the rest is not read. */
const MAX_BYTES = 64 * 1024;

/**
 * The body of the response to one GET, whatever its status. Redirects are not followed, and no proxy is used. It uses
 * Node's own client, because commands call it before they know whether they need undici. Rejects with Node's error.
 */
export async function get(url: URL, signal: AbortSignal): Promise<string> {
  const { request } = url.protocol === "https:" ? await import("node:https") : await import("node:http");
  return new Promise((resolve, reject) => {
    // A separate agent, because the global one may read proxy settings from the environment.
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
