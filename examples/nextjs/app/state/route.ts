import { openInbox } from "../../lib/open-inbox";

export const dynamic = "force-dynamic";

export function GET() {
  return Response.json(openInbox().state());
}
