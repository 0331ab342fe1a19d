/** The person behind an investor or account, with the names that both generations of the API use. */
export interface Person {
  readonly first_name: string;
  readonly last_name: string;
  readonly date_of_birth: string;
  readonly email: string;
  readonly phone: string;
  readonly street: readonly string[];
  readonly city: string;
  readonly state: string | null;
  readonly postal_code: string | null;
  readonly country: string;
  readonly tax_id_type: string;
  readonly country_of_tax_residence: string;
  readonly country_of_citizenship: string;
  readonly country_of_birth: string;
  readonly funding_source: readonly string[];
  readonly is_control_person: boolean;
  readonly is_affiliated_exchange_or_finra: boolean;
  readonly is_politically_exposed: boolean;
  readonly immediate_family_exposed: boolean;
}

/** The invented person of the emulator's own investors and accounts. */
export const EMMA: Person = {
  first_name: "Emma",
  last_name: "Emulator",
  date_of_birth: "1990-01-01",
  email: "emma@example.com",
  phone: "+15555550100",
  street: ["1 Emulator Street"],
  city: "Berkeley",
  state: "CA",
  postal_code: "94704",
  country: "US",
  tax_id_type: "SSN",
  country_of_tax_residence: "US",
  country_of_citizenship: "US",
  country_of_birth: "US",
  funding_source: ["employment_income"],
  is_control_person: false,
  is_affiliated_exchange_or_finra: false,
  is_politically_exposed: false,
  immediate_family_exposed: false,
};
