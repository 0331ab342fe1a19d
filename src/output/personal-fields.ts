/**
 * What makes a field personal wherever its name says it: `ssn_last4`, `account_number_masked`, `birth_year`. Long words
 * also as a part of another: `workemail`.
 */
const STRONG =
  /(?<!\S)(?:ssn\S*|social security|i?tin|ein|tax ?id|tax(?: ?payer)? (?:id|number|identifi\S+)|vat (?:id|number)|national id|(?:identity|id|document|license|licence|card|cc) ?number|(?:account|acct) (?:number|no|mask)|accountnumber|iban|routing|aba|sort code|dob|e mail|(?:first|last|middle|full|given|family|maiden) ?name)(?!\S)|email|phone|passport|birth|surname|maiden/;

/** A name that ends with one of these says something of the personal thing beside it, and not what it is. */
const REMARKS = new Set(["at", "status", "type", "kind", "count"]);

/**
 * Words that make a field personal when its name ends with them, as lower-case words: `contact_name`, `homePhone`,
 * `bank-account-number`. A whole object under such a name is personal. The last ones hold what somebody wrote.
 */
const PERSONAL_ENDINGS: readonly string[] = [
  "name",
  "firstname",
  "lastname",
  "middlename",
  "fullname",
  "nickname",
  "username",
  "user",
  "login",
  "first",
  "last",
  "middle",
  "given",
  "family",
  "initials",
  "display",
  "signer",
  "beneficiary",
  "recipient",
  "payee",
  "payer",
  "sender",
  "holder",
  "accountholder",
  "owner",
  "contact",
  "mail",
  "mobile",
  "cell",
  "telephone",
  "tel",
  "fax",
  "sin",
  "vat",
  "driver license",
  "drivers license",
  "acct",
  "mask",
  "last four",
  "swift",
  "bic",
  "pan",
  "cvv",
  "cvc",
  "ip",
  "address",
  "addresses",
  "address line",
  "line",
  "street",
  "city",
  "zip",
  "zipcode",
  "zip code",
  "postcode",
  "postal code",
  "postalcode",
  "memo",
  "note",
  "comment",
  "remark",
];

/** Names of things, not of people. */
const IMPERSONAL: readonly string[] = ["event name", "event type name", "type name", "file name", "host name"];

const ENDINGS = new Set(PERSONAL_ENDINGS);
const EXCEPTIONS = new Set(IMPERSONAL);
const MAX_WORDS = 2;
/** A longer name is no field's name, and is not worth the time. */
const MAX_NAME = 200;

/** Fields that name an account by its id or by its number: only the number is personal. It may be masked. */
const ACCOUNT = /(?<!\S)accounts?$/;
const ACCOUNT_NUMBER = /^[\s\d*•xX.-]*\d[\s.-]*$/u;

/** Fields that hold a party, or its id, or its name: an id is one word with a digit in it. */
const PARTY = /(?<!\S)(?:customer|client|investor|applicant|person|individual)$/;

/**
 * Whether a field of this name holds what belongs to a person, in any of the spellings of field names. Some names tell
 * only together with the value, where that is a text or a number.
 */
export function isPersonalField(name: string, value?: unknown): boolean {
  const words = wordsOf(name.slice(-MAX_NAME));
  const text = words.join(" ");
  if (EXCEPTIONS.has(text)) return false;
  if (STRONG.test(text) && !REMARKS.has(words.at(-1) ?? "")) return true;
  for (let length = 1; length <= Math.min(MAX_WORDS, words.length); length += 1) {
    const ending = words.slice(-length).join(" ");
    if (ENDINGS.has(ending) || (ending.endsWith("s") && ENDINGS.has(ending.slice(0, -1)))) return true;
  }
  if (typeof value !== "string" && typeof value !== "number") return false;
  if (ACCOUNT.test(text)) return ACCOUNT_NUMBER.test(String(value));
  return PARTY.test(text) && !/^\S*\d\S*$/.test(String(value));
}

/** `accountHolder_Name2`, `TAXId` → the words, lower case, without numbers at their ends. */
function wordsOf(name: string): string[] {
  return name
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, "$1 $2")
    .replace(/(\p{Lu}+)(\p{Lu}\p{Ll})/gu, "$1 $2")
    .toLowerCase()
    .split(/[^\p{L}\d]+/u)
    .map((word) => word.replace(/\d+$/, ""))
    .filter((word) => word !== "");
}
