// What a redacted export keeps. Everything else is replaced, because a list of personal fields would never be
// complete.

/** The format that a value must have in addition to its name, because a name alone does not prove what the value is. */
const FORMS = {
  word: /^(?!.*\d{5})(?:[a-z][a-z0-9_.:-]{0,63}|[A-Z][A-Z0-9_.:-]{0,63})$/,
  symbol: /^(?=.*[A-Z])[A-Z0-9./-]{1,15}$/,
  currency: /^[A-Z]{3,5}$/,
  decimal: /^-?\d{1,24}(?:\.\d{1,24})?(?:[eE][+-]?\d{1,3})?$/,
  count: /^\d{1,6}$/,
  time: /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$|^1\d{9}(?:\d{3})?(?:\.\d{1,6})?$/,
  /** A UUID, a prefix followed by text with a digit, or a long token of letters and digits that is not an IBAN. */
  id: /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$|^[a-z]{2,12}_(?=.*\d)[A-Za-z0-9]{1,64}$|^(?![A-Z]{2}\d{2}[A-Z0-9]{10,30}$)(?=.*\d)(?=.*[A-Za-z])[\w-]{16,64}$/i,
  /** A number that is harmless here, although the same digits could be an account number in another field. */
  number: /^\d{1,20}$/,
  flag: /^(?:true|false)$/,
  mime: /^[\w*]+\/[\w.+*-]+(?:; ?charset=[\w-]+)?(?:, ?[\w*]+\/[\w.+*-]+)*$/,
  date: /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/,
  product: /^[A-Za-z][\w.-]{0,40}(?:\/\d[\w.-]{0,20})?$/,
  directives: /^[A-Za-z*-]+(?:=\d{1,9})?(?:[,;] ?[A-Za-z*-]+(?:=\d{1,9})?)*$|^\d{1,6}$/,
  loopback: /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/,
} as const satisfies Record<string, RegExp>;

type Form = keyof typeof FORMS;

function names(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}

/** Fields of a payload by the format of their values, in snake case; other spellings of a name count as well. */
export const HARMLESS_FIELDS: Readonly<Partial<Record<Form, readonly string[]>>> = {
  word: names(`
    event event_type event_name type object class status state side direction method order_type order_class
    asset_class account_type document_type transfer_type time_in_force environment generation code error_code
    reject_code failure_code
  `),
  symbol: names("symbol"),
  currency: names("currency wallet_currency base_currency quote_currency"),
  decimal: names(`
    amount net_amount gross_amount quantity filled_quantity remaining_quantity notional qty filled_qty
    remaining_qty filled_notional price average_price filled_avg_price limit_price stop_price trail_price
    trail_percent commission fee fees rate total
  `),
  count: names("attempt attempts count sequence version page retry_count"),
  time: names(`
    timestamp time created updated created_at updated_at submitted_at accepted_at filled_at canceled_at
    cancelled_at rejected_at expired_at expires_at initiated_at received_at completed_at failed_at returned_at
    settled_at processed_at reviewed_at approved_at sent_at executed_at trade_date settlement_date
  `),
  id: names("account_id wallet_id funding_source_id investor_id customer_id client_order_id"),
  number: names(`
    id event_id order_id transfer_id deposit_id withdrawal_id document_id workflow_id webhook_id delivery_id request_id
    correlation_id trade_id execution_id asset_id
  `),
  flag: names("livemode test extended_hours ok success received accepted processed duplicate"),
};

/** Headers by the format of their values. */
export const HARMLESS_HEADERS: Readonly<Partial<Record<Form, readonly string[]>>> = {
  number: names("webhook-id svix-id x-request-id x-correlation-id request-id idempotency-key traceparent"),
  time: names("webhook-timestamp svix-timestamp x-bluum-timestamp"),
  word: names("x-bluum-event x-webhook-event x-forwarded-proto"),
  mime: names("content-type accept"),
  date: names("date"),
  product: names("user-agent server x-powered-by"),
  directives: names(`
    connection keep-alive cache-control transfer-encoding accept-encoding vary allow retry-after
  `),
  loopback: names("host"),
};

/** Path segments that contain no personal data. */
export const HARMLESS_PATH_PARTS = names("webhooks webhook hooks hook bluum api v1 v2 events callbacks callback");

/** Responses of an app that are not JSON, in either case. */
export const HARMLESS_TEXTS: readonly string[] = ["ok", "accepted", "received", "success", "done"];

const byName = (table: Readonly<Partial<Record<Form, readonly string[]>>>) =>
  new Map(Object.entries(table).flatMap(([form, all]) => all.map((name) => [name, form as Form] as const)));
const FIELD_FORMS = byName(HARMLESS_FIELDS);
const HEADER_FORMS = byName(HARMLESS_HEADERS);

/** Whether the value of a field with this name is known to be harmless. The name of a list applies to its items. */
export function isHarmlessField(name: string, value: string): boolean {
  const known = snakeCase(name);
  const form = FIELD_FORMS.get(known) ?? FIELD_FORMS.get(known.replace(/s$/, ""));
  return form !== undefined && hasForm(value, form);
}

export function isHarmlessHeader(name: string, value: string): boolean {
  const form = HEADER_FORMS.get(name.toLowerCase());
  return value === "" || (form !== undefined && hasForm(value, form));
}

export function isHarmlessPathPart(part: string): boolean {
  return part === "" || HARMLESS_PATH_PARTS.includes(part.toLowerCase()) || hasForm(part, "id");
}

export function isLoopbackHost(host: string): boolean {
  return hasForm(host, "loopback");
}

function hasForm(value: string, form: Form): boolean {
  return FORMS[form].test(value) || (form === "number" && FORMS.id.test(value));
}

/** Whether a name looks like a field name in code. An object's keys can also be names of people. */
export function isFieldName(name: string): boolean {
  return FIELD_FORMS.has(snakeCase(name)) || /^(?!.*\d{5})[a-z_][A-Za-z0-9_.-]{0,63}$/.test(name);
}

function snakeCase(name: string): string {
  return name
    .slice(0, 100)
    .replace(/([a-z\d])([A-Z])/g, "$1_$2")
    .replace(/-/g, "_")
    .toLowerCase();
}
