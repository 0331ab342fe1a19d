import * as v from "valibot";
import type { Generation } from "../../core/id-rules.ts";
import type { NewOwner } from "../entities/owner-entity.ts";
import { Refusal } from "../refusal.ts";
import { optionalField, parseBody, textField } from "./body-fields.ts";

const formatted = (pattern: RegExp, what: string) => {
  const message = `400-003 must be ${what}`;
  return v.pipe(v.string(message), v.regex(pattern, message));
};

const text = textField(128);
const day = formatted(/^\d{4}-\d{2}-\d{2}$/, "a date such as 1990-05-15");
const country = formatted(/^[A-Z]{2}$/, "a country in two letters, such as US");
const emailField = formatted(/^[^\s@]+@[^\s@]+$/, "an email address");
const phoneField = formatted(/^\+[1-9]\d{6,14}$/, "a phone number such as +14155551234");
const flag = v.boolean("400-003 must be true or false");
const list = v.pipe(v.array(text), v.minLength(1, "400-003 must not be empty"));

const identity = {
  first_name: text,
  last_name: text,
  date_of_birth: day,
  // Checked, and then forgotten: no answer contains it.
  tax_id: text,
  tax_id_type: text,
  country_of_citizenship: country,
  country_of_birth: country,
  country_of_tax_residence: country,
  funding_source: list,
};

const address = { city: text, state: optionalField(text), postal_code: optionalField(text), country };

const disclosures = {
  is_control_person: flag,
  is_affiliated_exchange_or_finra: flag,
  is_politically_exposed: flag,
  immediate_family_exposed: flag,
};

const agreement = { signed_at: text, ip_address: text };
const managementType = v.optional(v.picklist(["self_directed", "advised"]), "self_directed");
const accountType = v.picklist(["individual", "joint", "corporate"]);

const currentBody = v.object({
  account_type: accountType,
  management_type: managementType,
  ...identity,
  email: emailField,
  phone: phoneField,
  address: v.object({ street: list, ...address }),
  ...disclosures,
  signed_agreements: v.array(v.object({ type: text, ...agreement })),
});

const legacyBody = v.object({
  // An older edition writes `trading`.
  account_type: v.picklist([...accountType.options, "trading"]),
  management_type: managementType,
  contact: v.object({ email_address: emailField, phone_number: phoneField, street_address: list, ...address }),
  identity: v.object(identity),
  disclosures: v.object(disclosures),
  agreements: v.array(v.object({ agreement: text, agreed: flag, ...agreement })),
});

/** The agreements without which no investor is created. */
const NEEDED_AGREEMENTS = ["investor_agreement", "margin_disclosure_acknowledged"];

/** Reads the body that creates an investor or account. Throws the documented refusals. */
export function readNewOwner(generation: Generation, body: unknown): NewOwner {
  if (generation === "legacy") {
    const sent = parseBody(legacyBody, body);
    const { email_address: email, phone_number: phone, street_address: street, ...place } = sent.contact;
    const { tax_id: _forgotten, ...person } = { ...sent.identity, ...sent.disclosures, ...place, email, phone, street };
    return { accountType: sent.account_type, managementType: sent.management_type, person };
  }
  const { signed_agreements, account_type, management_type, address: place, ...sent } = parseBody(currentBody, body);
  const missing = NEEDED_AGREEMENTS.find((type) => !signed_agreements.some((signed) => signed.type === type));
  if (missing !== undefined) {
    throw new Refusal("400-001", { param: "signed_agreements", message: `signed_agreements lacks ${missing}.` });
  }
  const { tax_id: _forgotten, ...person } = { ...sent, ...place };
  return { accountType: account_type, managementType: management_type, person };
}
