// The parts of the program, and the database of the tests, that the benchmark of the team log uses: bundled, because
// the sources are TypeScript.
export { createLog } from "../../src/team/create-log.ts";
export { LogFollower } from "../../src/features/team/follow-log.ts";
export { openRows } from "../../src/team/open-rows.ts";
export { openStore } from "../../src/store/store.ts";
export { openTeamWebhook } from "../../src/features/team/team-webhook.ts";
export { encodeRecord } from "../../src/team/record.ts";
export { parseDatabaseUrl } from "../../src/team/database-url.ts";
export { parseInvite } from "../../src/team/invite.ts";
export { seal } from "../../src/team/seal.ts";
export { startPostgres } from "../../test/support/postgres.ts";
export { TeamDatabase } from "../../src/team/database.ts";
export { TeamLog } from "../../src/team/log.ts";
