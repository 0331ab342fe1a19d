// A Bluum webhook endpoint in Next.js: see README.md.
import { openInbox } from "../../../lib/open-inbox";

const MAX_BODY = 1_048_576;

export async function POST(request: Request) {
  // The signature covers the raw bytes: never verify request.json() written again.
  const body = Buffer.from(await request.arrayBuffer());
  if (body.length > MAX_BODY) return new Response(null, { status: 413 });
  // Signature libraries find no header in a Headers object.
  const headers = Object.fromEntries(request.headers);
  return new Response(null, { status: openInbox().receive(headers, body) });
}
