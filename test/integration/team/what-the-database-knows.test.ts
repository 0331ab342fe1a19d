import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { expect, it, onTestFinished } from "vitest";
import { openTeamWebhook } from "../../../src/features/team/team-webhook.ts";
import { parseInvite } from "../../../src/team/invite.ts";
import { decodeRecord } from "../../../src/team/record.ts";
import { unseal } from "../../../src/team/seal.ts";
import { startApp } from "../../support/app.ts";
import { describeWithPostgres, sharedPostgres } from "../../support/postgres.ts";
import { newTeam, stored } from "../../support/team-sandbox.ts";
import type { Machine } from "../../support/team.ts";

type Row = Readonly<Record<string, unknown>>;

/** A database of a user whose password appears nowhere else. */
async function databaseWithPassword() {
  const url = new URL(await (await sharedPostgres()).database());
  const user = `user_${randomBytes(6).toString("hex")}`;
  const password = `password-${randomBytes(9).toString("hex")}`;
  const sql = postgres(url.href, { max: 1, onnotice: () => {} });
  onTestFinished(() => sql.end());
  await sql.unsafe(`create role ${user} login password '${password}'`);
  await sql.unsafe(`alter database ${url.pathname.slice(1)} owner to ${user}`);
  [url.username, url.password] = [user, password];
  return { url: url.href, user, password, sql };
}

/** The parts of the base64 and hex texts of something that contains this text, wherever it begins. */
function encodedForms(text: string | Buffer): string[] {
  const bytes = Buffer.from(text);
  const base64 = [0, 1, 2].map((at) =>
    Buffer.concat([Buffer.alloc(at), bytes])
      .toString("base64")
      .slice(Math.ceil((at * 4) / 3), Math.floor(((at + bytes.length) * 4) / 3)),
  );
  return [...base64, ...base64.map((each) => each.replaceAll("+", "-").replaceAll("/", "_")), bytes.toString("hex")];
}

/** Which of the texts can be found, as they are (in any case), in base64 or in hex. */
function foundIn(haystack: Buffer, texts: readonly (string | Buffer)[]): (string | Buffer)[] {
  const raw = haystack.toString("latin1");
  const lower = raw.toLowerCase();
  return texts.filter(
    (text) =>
      lower.includes(Buffer.from(text).toString("latin1").toLowerCase()) ||
      encodedForms(text).some((form) => raw.includes(form)),
  );
}

const SEALED = expect.any(Buffer) as unknown;
const TIME = expect.any(Date) as unknown;
const UUID = expect.stringMatching(/^[\da-f-]{36}$/) as unknown;

describeWithPostgres("who steals the database of a team", () => {
  it("learns what the guide lists: each column is readable as named here, or sealed", async () => {
    const { url, user, password, sql } = await databaseWithPassword();
    const team = await newTeam(["ana@laptop", "bo@desk"], url);
    const [ana, bo] = team.machines as [Machine, Machine];
    const app = await startApp();
    const owner = await ana.listen();
    await bo.listen(["--no-register", "--forward-to", String(app.port)]);
    await team.publish("ord_0123456789", "ord_9876543210");
    const memberRows = () => sql<Row[]>`select * from bluum_hooks.member order by label`;
    await expect
      .poll(async () => (await memberRows()).map(({ seq, app_ok }) => [seq, app_ok]))
      .toEqual([
        ["2", "0"],
        ["2", "2"],
      ]);
    const { key, log } = parseInvite((await ana.run(["team", "status", "--print-secret"])).stdout);

    const deliveries = await sql<{ id: string; sealed: Buffer }[]>`select * from bluum_hooks.delivery order by seq`;
    const known = (await stored(ana)).map(({ id }) => id);
    const readable: Record<string, Row[]> = {
      meta: [{ only_row: true, version: 1, min_client: 1 }],
      stream: [
        { id: "1", name: "acme", log, environment: "sandbox", head: "2", tail: "0", keep_days: 30, webhook: SEALED },
      ],
      delivery: deliveries.map(({ sealed }, at) => {
        const size = sealed.length;
        return { stream_id: "1", seq: String(at + 1), id: known[at], stored_at: TIME, key_id: key.id, size, sealed };
      }),
      member: [
        { label: "ana@laptop", standby: true, app_ok: "0" },
        { label: "bo@desk", standby: false, app_ok: "2" },
      ].map((each) => ({
        ...each,
        stream_id: "1",
        id: UUID,
        client: "0.0.0-test",
        seq: "2",
        app_failed: "0",
        seen_at: TIME,
      })),
      owner: [{ stream_id: "1", term: "1", member: UUID, label: "ana@laptop", since: TIME, until: TIME }],
    };
    expect(deliveries).toHaveLength(2);
    const columns = await sql<{ place: string }[]>`
      select table_name || '.' || column_name as place from information_schema.columns
      where table_schema = 'bluum_hooks'`;
    const named = Object.entries(readable).flatMap(([table, [row]]) =>
      Object.keys(row ?? {}).map((column) => `${table}.${column}`),
    );
    expect(columns.map(({ place }) => place).toSorted()).toEqual(named.toSorted());
    const stolen: Record<string, Row[]> = {};
    for (const table of Object.keys(readable)) {
      const rows = await sql<Row[]>`select * from ${sql(`bluum_hooks.${table}`)} order by 1, 2`;
      stolen[table] = [...rows];
    }
    stolen["member"] = [...(await memberRows())];
    expect(stolen).toEqual(readable);

    // What is sealed can be opened with the team's key, and contains all that is searched for.
    const sealedWebhook = stolen["stream"]?.[0]?.["webhook"] as Buffer;
    const webhook = openTeamWebhook(sealedWebhook, { key, log })!;
    const plain = deliveries.map(({ id, sealed }) => unseal(sealed, key, { log, id }));
    const records = plain.map(decodeRecord);
    const texts = [
      ...records.flatMap(({ headers }) => headers.flat()),
      ...records.flatMap(({ path, event, resourceId, body }) => [path, event ?? "", resourceId ?? "", body]),
      webhook.id,
      webhook.secret ?? "",
      ...webhook.events,
    ].filter((text) => text.length >= 6);
    expect(texts).toEqual(
      expect.arrayContaining(["order.filled", "ord_0123456789", "ord_9876543210", webhook.id, webhook.secret]),
    );
    expect(texts.filter((text) => /signature/i.test(String(text)))).not.toEqual([]);
    const opened = Buffer.concat([...plain, Buffer.from(JSON.stringify(webhook))]);
    expect(foundIn(opened, texts)).toEqual(texts);
    expect(foundIn(Buffer.from(opened.toString("base64")), texts)).not.toEqual([]);

    const secrets = [key.bytes, password, user, url, ana.env["BLUUM_API_KEY"]!, ana.env["BLUUM_API_SECRET"]!];
    const values = Object.values(stolen).flatMap((rows) => rows.flatMap((row) => Object.values(row)));
    const dump = Buffer.concat(
      values.flatMap((value) => [Buffer.isBuffer(value) ? value : Buffer.from(String(value)), Buffer.from("\n")]),
    );
    expect(foundIn(dump, ["ana@laptop", ...known])).toEqual(["ana@laptop", ...known]);
    expect(foundIn(dump, [...texts, ...secrets])).toEqual([]);
    await owner.stop();
  });
});
