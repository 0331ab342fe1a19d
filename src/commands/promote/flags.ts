import type { GlobalFlags } from "../shared/command.ts";
import type { Scheme } from "../../core/signature.ts";

export interface PromoteFlags extends GlobalFlags {
  readonly description?: string;
  readonly events?: readonly string[];
  readonly name?: string;
  readonly new?: boolean;
  readonly dryRun?: boolean;
  readonly skipChecks?: boolean;
  readonly ca?: string;
  readonly scheme?: Scheme;
  readonly signatureHeader?: string;
  readonly rollback?: boolean;
}
