import * as v from "valibot";

const rememberedWebhook = v.looseObject({
  secret: v.optional(v.string()),
  baseUrl: v.string(),
  createdByUs: v.boolean(),
});

const profile = v.looseObject({
  apiKey: v.optional(v.string()),
  apiSecret: v.optional(v.string()),
  investorId: v.optional(v.string()),
  accountId: v.optional(v.string()),
  webhookId: v.optional(v.string()),
  webhooks: v.optional(v.record(v.string(), rememberedWebhook), {}),
});

/** The whole file. Fields that a newer version wrote are kept. */
export const configFile = v.looseObject({ environments: v.optional(v.record(v.string(), profile), {}) });

/** A webhook as this machine remembers it. `secret` was shown once, when it was created. */
export interface RememberedWebhook {
  readonly secret?: string | undefined;
  /** The API it belongs to: an emulator's ids mean nothing to the next emulator. */
  readonly baseUrl: string;
  readonly createdByUs: boolean;
}

/** What is remembered for one environment. */
export interface Profile {
  readonly apiKey?: string | undefined;
  readonly apiSecret?: string | undefined;
  readonly investorId?: string | undefined;
  readonly accountId?: string | undefined;
  /** The webhook last used here. */
  readonly webhookId?: string | undefined;
  readonly webhooks: Readonly<Record<string, RememberedWebhook>>;
}

/** Values to remember. An undefined one is forgotten. */
export type ProfilePatch = Partial<Omit<Profile, "webhooks">>;
