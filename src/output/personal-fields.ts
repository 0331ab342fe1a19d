/**
 * Words that make a field personal when its name ends with them, as lower-case words: `customer_email`, `homePhone`,
 * `bank-account-number`. A whole object under such a name is personal.
 */
const PERSONAL_ENDINGS: readonly string[] = [
  "name",
  "firstname",
  "lastname",
  "middlename",
  "fullname",
  "surname",
  "nickname",
  "username",
  "signer",
  "beneficiary",
  "account holder",
  "accountholder",
  "email",
  "emails",
  "e mail",
  "mail",
  "phone",
  "phones",
  "phone number",
  "phonenumber",
  "mobile",
  "cell",
  "telephone",
  "tel",
  "fax",
  "ssn",
  "social security number",
  "social security",
  "sin",
  "tin",
  "itin",
  "ein",
  "vat",
  "tax id",
  "taxid",
  "tax number",
  "tax identifier",
  "tax identification number",
  "taxpayer id",
  "national id",
  "identity number",
  "id number",
  "document number",
  "passport",
  "passport number",
  "license number",
  "licence number",
  "driver license",
  "drivers license",
  "dob",
  "birthdate",
  "birth date",
  "birthday",
  "date of birth",
  "birth",
  "account number",
  "accountnumber",
  "account no",
  "acct number",
  "acct no",
  "acct",
  "account mask",
  "routing number",
  "routingnumber",
  "routing",
  "aba",
  "sort code",
  "iban",
  "bic",
  "swift",
  "card number",
  "cardnumber",
  "pan",
  "cvv",
  "cvc",
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
];

/** Names of things, not of people. */
const IMPERSONAL: readonly string[] = ["event name", "event type name", "type name", "file name", "host name"];

const ENDINGS = new Set(PERSONAL_ENDINGS);
const EXCEPTIONS = new Set(IMPERSONAL);
const MAX_WORDS = 4;
/** A longer name is no field's name, and is not worth the time. */
const MAX_NAME = 200;

/** Whether a field of this name holds what belongs to a person, in any of the spellings of field names. */
export function isPersonalField(name: string): boolean {
  const words = wordsOf(name.slice(-MAX_NAME));
  if (EXCEPTIONS.has(words.join(" "))) return false;
  for (let length = 1; length <= Math.min(MAX_WORDS, words.length); length += 1) {
    const ending = words.slice(-length).join(" ");
    if (ENDINGS.has(ending) || (ending.endsWith("s") && ENDINGS.has(ending.slice(0, -1)))) return true;
  }
  return false;
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
