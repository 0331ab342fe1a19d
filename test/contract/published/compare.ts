type Json = Readonly<Record<string, unknown>>;

/** Fields whose published value is the fact, not an example. */
const FACTS = new Set([
  ..."object livemode status method currency type side symbol time_in_force class message check_type".split(" "),
  ..."workflow_type workflow_status accountKind account_type management_type".split(" "),
]);

/** Fields that are null until something has happened, whatever the example shows. */
const LATER =
  /^(?:filled|completed|received|submitted|cancell?ed|failed|expires|initiated)_at$|^failure_reason$|^notional$/;

const FORMS: readonly (readonly [name: string, form: RegExp])[] = [
  ["a UUID", /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i],
  ["an ISO time", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/],
  ["a decimal", /^-?\d+(?:\.\d+)?$/],
  ["a reference code", /^BLUUM-[A-Z0-9]{8}$/],
];

/**
 * Compares an answer with the published one, field by field: every published field must be there, with the published
 * value if it is a fact or was sent, and otherwise in the same form. Fields that are not published are allowed.
 */
export function differences(published: unknown, actual: unknown, sent: Json = {}, path = "answer"): string[] {
  if (Array.isArray(published)) {
    if (!Array.isArray(actual)) return [`${path} is no list`];
    const [sample] = published as unknown[];
    if (sample === undefined) return [];
    if (actual.length === 0) return [`${path} is empty`];
    return (actual as unknown[]).flatMap((item, at) => differences(sample, item, sent, `${path}[${at}]`));
  }
  if (!isObject(published)) return [];
  if (!isObject(actual)) return [`${path} is no object`];
  return Object.entries(published).flatMap(([name, value]) => {
    const here = `${path}.${name}`;
    if (!Object.hasOwn(actual, name)) return [`${here} is missing`];
    const got = actual[name];
    if (isObject(value) || Array.isArray(value)) {
      return LATER.test(name) && got === null ? [] : differences(value, got, sent, here);
    }
    const difference = differenceOf(name, value, got, sent);
    return difference === undefined ? [] : [`${here} is ${JSON.stringify(got)}: ${difference}`];
  });
}

function differenceOf(name: string, value: unknown, got: unknown, sent: Json): string | undefined {
  const isSent = Object.hasOwn(sent, name) && sent[name] === value;
  if (FACTS.has(name) || isSent || value === null)
    return got === value ? undefined : `must be ${JSON.stringify(value)}`;
  if (LATER.test(name) && got === null) return undefined;
  if (typeof got !== typeof value) return `must be a ${typeof value}`;
  if (typeof value !== "string") return undefined;
  const prefix = /^[a-z]{2,4}_/.exec(value)?.[0];
  if (prefix !== undefined) return String(got).startsWith(prefix) ? undefined : `must begin with ${prefix}`;
  if (/^0(?:\.0+)?$/.test(value)) return got === value ? undefined : `must be ${value}`;
  const form = FORMS.find(([, pattern]) => pattern.test(value));
  return form === undefined || form[1].test(String(got)) ? undefined : `must be ${form[0]}`;
}

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
