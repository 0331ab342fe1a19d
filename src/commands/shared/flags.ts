/** Flags of every command. */
export interface GlobalFlags {
  readonly env?: string;
  readonly baseUrl?: string;
  readonly investor?: string;
  readonly account?: string;
  readonly webhook?: string;
  readonly envFile?: string;
  readonly json?: boolean;
  readonly yes?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
  readonly color?: string;
  readonly debug?: boolean;
}
