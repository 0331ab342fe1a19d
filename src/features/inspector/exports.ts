import type { HeaderPair } from "../../core/delivery.ts";
import { curlCommand } from "../../output/export/curl-command.ts";
import { EXPORT_FORMATS } from "../../output/export/formats.ts";
import { Redactor } from "../../output/privacy/redact.ts";
import { redactDelivery, redactExported } from "../../output/privacy/redact-delivery.ts";
import { eachDelivery } from "../../store/pages.ts";
import type { StoreReader } from "../../store/reader.ts";
import type { ExportQuery } from "./reads.ts";

type ExportStore = Pick<StoreReader, "list" | "find" | "forwards">;

/** Pieces are joined to this size. */
const PIECE_CHARS = 64 * 1024;

/** Exports in progress, each read piece by piece. */
export class Exports {
  readonly #store: ExportStore;
  readonly #open = new Map<number, AsyncGenerator<string>>();
  #last = 0;

  constructor(store: ExportStore) {
    this.#store = store;
  }

  async begin(query: ExportQuery): Promise<number> {
    // A wrong id must fail before anything is sent.
    const id = query.id === undefined ? undefined : (await this.#store.find(query.id)).id;
    this.#last += 1;
    this.#open.set(this.#last, piecesOf(this.#store, { ...query, id }));
    return this.#last;
  }

  async next(number: number): Promise<string | null> {
    const pieces = this.#open.get(number);
    if (pieces === undefined) return null;
    let text = "";
    while (text.length < PIECE_CHARS) {
      const { value, done } = await pieces.next();
      if (done === true) break;
      text += value;
    }
    if (text === "") this.#open.delete(number);
    return text === "" ? null : text;
  }

  async end(number: number): Promise<void> {
    await this.#open.get(number)?.return(undefined);
    this.#open.delete(number);
  }
}

/** The curl command for a delivery, if one line is enough for it. */
async function commandOf(store: ExportStore, id: string, redactor: Redactor | undefined): Promise<string | undefined> {
  const [delivery, attempts] = [await store.find(id), await store.forwards(id)];
  if (redactor === undefined) return curlCommand({ delivery, attempts });
  const redacted = await redactDelivery(delivery, redactor);
  // The signature of an unchanged body is valid, and an app needs it.
  const isSigned = ([name]: HeaderPair) => /signature/i.test(name);
  const headers = redacted.body.equals(delivery.body)
    ? [...redacted.headers.filter((pair) => !isSigned(pair)), ...delivery.headers.filter(isSigned)]
    : redacted.headers;
  return curlCommand({ delivery: { ...redacted, headers }, attempts });
}

async function* piecesOf(store: ExportStore, query: ExportQuery): AsyncGenerator<string> {
  const { filter, id, isRedacted, version } = query;
  const redactor = isRedacted ? new Redactor() : undefined;
  const format = EXPORT_FORMATS[query.format]({ version, isRedacted });
  if (id !== undefined && query.format === "curl") {
    const command = await commandOf(store, id, redactor);
    if (command !== undefined) {
      yield command;
      return;
    }
  }
  const deliveries = id === undefined ? eachDelivery(store, { ...filter, order: "oldest" }) : [await store.find(id)];
  yield format.head;
  let index = 0;
  for await (const delivery of deliveries) {
    const attempts = await store.forwards(delivery.id);
    const exported = { delivery, attempts };
    yield format.item(redactor === undefined ? exported : await redactExported(exported, redactor), index);
    index += 1;
  }
  yield format.foot;
}
