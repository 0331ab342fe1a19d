import * as v from "valibot";

/** A list is an object in JavaScript, but properties set on it are lost when it is saved. */
const noList = v.pipe(
  v.unknown(),
  v.check((value) => !Array.isArray(value)),
);

export const object = <const Entries extends v.ObjectEntries>(entries: Entries) =>
  v.pipe(noList, v.looseObject(entries));
const record = <const Value extends v.GenericSchema>(value: Value) => v.pipe(noList, v.record(v.string(), value));

const rememberedWebhook = object({
  secret: v.optional(v.string()),
  baseUrl: v.string(),
  createdByUs: v.boolean(),
});

const profile = object({
  apiKey: v.optional(v.string()),
  apiSecret: v.optional(v.string()),
  keyOrigin: v.optional(v.string()),
  baseUrl: v.optional(v.string()),
  investorId: v.optional(v.string()),
  accountId: v.optional(v.string()),
  webhookId: v.optional(v.string()),
  emulatorSecret: v.optional(v.string()),
  webhooks: v.optional(record(rememberedWebhook), {}),
});

const team = object({
  invite: v.string(),
  member: v.string(),
  from: v.optional(v.number()),
  user: v.optional(v.string()),
  password: v.optional(v.string()),
});

const ngrok = object({ authtoken: v.optional(v.string()), domain: v.optional(v.string()) });

/** The whole file. Fields that a newer version wrote are kept. */
export const configFile = object({
  environments: v.optional(record(profile), {}),
  ngrok: v.optional(ngrok),
  retention: v.optional(v.string()),
  env: v.optional(v.string()),
  sandboxHosts: v.optional(v.array(v.string())),
  teams: v.optional(record(team)),
});

export type ConfigFile = v.InferOutput<typeof configFile>;

/** A stored webhook. `secret` was returned once, when the webhook was created. */
export interface RememberedWebhook {
  readonly secret?: string | undefined;
  /** The API it belongs to: an emulator's ids are not valid in another emulator. */
  readonly baseUrl: string;
  readonly createdByUs: boolean;
}

/** The stored values of one environment. */
export interface Profile {
  readonly apiKey?: string | undefined;
  readonly apiSecret?: string | undefined;
  /** The origin that accepted the key pair at login. Absent: a host of the environment. */
  readonly keyOrigin?: string | undefined;
  readonly baseUrl?: string | undefined;
  readonly investorId?: string | undefined;
  readonly accountId?: string | undefined;
  /** Only for the emulator: its signing secret, so that an app can keep it between sessions. */
  readonly emulatorSecret?: string | undefined;
  /** The webhook last used with this environment. */
  readonly webhookId?: string | undefined;
  readonly webhooks: Readonly<Record<string, RememberedWebhook>>;
}

/** Values to store. An undefined one is removed. */
export type ProfilePatch = Partial<Omit<Profile, "webhooks">>;

/** The stored ngrok settings: one account and one domain for the machine, for all environments. */
export interface StoredNgrok {
  readonly authtoken?: string | undefined;
  readonly domain?: string | undefined;
}

/** A team that this machine has joined. */
export interface StoredTeam {
  /** A secret, as it was given. */
  readonly invite: string;
  /** The ID of this machine in the team's list of members. */
  readonly member: string;
  /** The last delivery of the log when this machine joined, and follows what comes later; absent: at its first session. */
  readonly from?: number | undefined;
  /** The member's own login at the database, if the invite has none. */
  readonly user?: string | undefined;
  readonly password?: string | undefined;
}

/** The profile of one environment in a file. */
export function profileIn(file: ConfigFile, environment: string): Profile {
  return Object.hasOwn(file.environments, environment) ? (file.environments[environment] ?? EMPTY) : EMPTY;
}

const EMPTY: Profile = { webhooks: {} };
