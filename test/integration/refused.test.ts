import { expect, it } from "vitest";
import { Interrupted } from "../../src/core/errors.ts";
import { runInProcess } from "../support/in-process.ts";
import { startListener } from "../support/listener.ts";
import { exchange, post } from "../support/raw-http.ts";
import { tempFolder } from "../support/temp.ts";

const home = () => ({ BLUUM_HOOKS_HOME: tempFolder() });
/** Requests of a sender with another path, of a browser, and of a sender with too large a body. */
const WRONG = [
  post("{}", [], "POST /webhook?api_key=s3cret HTTP/1.1"),
  post("{}", [], "POST /elsewhere HTTP/1.1"),
  post("", [], "GET /webhooks/bluum HTTP/1.1"),
  post(Buffer.alloc(3 * 1024 * 1024, 0x20)),
];

it("a request that is not a delivery is a record with a hint, once for each kind, and counted", async () => {
  const listener = await startListener([], home());
  const port = Number(new URL(listener.url).port);
  for (const bytes of WRONG) await exchange(port, [bytes]);
  await listener.stop();
  const refused = listener.records.filter(({ type }) => type === "refused");
  const at = expect.any(String) as unknown;
  expect(refused).toEqual([
    {
      type: "refused",
      at,
      status: 404,
      method: "POST",
      path: "/webhook",
      bytes: 2,
      message: "refused POST /webhook (404, 2 bytes): deliveries are accepted at /webhooks/bluum",
      hint: expect.stringContaining("--path") as unknown,
      count: 1,
    },
    {
      type: "refused",
      at,
      status: 405,
      method: "GET",
      path: "/webhooks/bluum",
      bytes: 0,
      message: "refused GET /webhooks/bluum (405): the path is right, but only POST is accepted",
      count: 1,
    },
    {
      type: "refused",
      at,
      status: 413,
      method: "POST",
      path: "/webhooks/bluum",
      bytes: 3 * 1024 * 1024,
      message: "refused POST /webhooks/bluum (413, 3 MB): the body is larger than 1 MB",
      hint: expect.stringContaining("--max-body 3mb") as unknown,
      count: 1,
    },
    expect.objectContaining({ status: 404, path: "/elsewhere", count: 2 }),
  ]);
  expect(listener.records.at(-1)).toMatchObject({ type: "stopped", summary: { received: 0, refused: 4 } });
});

it("on the terminal a refused request is shown, cleaned and cut, and counted in the summary", async () => {
  const wish = new AbortController();
  let stderr = "";
  let heard = () => {};
  const said = async (text: string) => {
    while (!stderr.includes(text)) await new Promise<void>((resolve) => (heard = resolve));
  };
  const write = (text: string) => {
    stderr += text;
    heard();
  };
  const ended = runInProcess(["listen", "--no-register", "--port", "0"], home(), {
    signal: wish.signal,
    stderr: { isTTY: false, columns: 80, write },
  });
  await said("Ready for events");
  const port = Number(/127\.0\.0\.1:(\d+)/.exec(stderr)?.[1]);
  await exchange(port, [post("{}", [], `POST /${"x".repeat(300)} HTTP/1.1`)]);
  for (const bytes of WRONG) await exchange(port, [bytes]);
  await said("(413, 3 MB)");
  wish.abort(new Interrupted("SIGINT", 130));
  await ended;
  expect(stderr).toMatch(/! refused POST \/x{199} \(404, 2 bytes\): deliveries are accepted at/);
  expect(stderr).toContain("next: Correct the sender's URL, or listen at another path with --path.");
  expect(stderr).toMatch(/refused POST \/elsewhere \(404, 2 bytes\): .* \(3 so far\)/);
  expect(stderr).toMatch(/0 received · 5 refused/);
  expect(stderr).not.toContain("s3cret");
  // eslint-disable-next-line no-control-regex -- control characters are searched for
  expect(stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
});
