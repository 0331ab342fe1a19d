/** The invented person behind every investor and account. */
export const PERSON = {
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
} as const;
