/**
 * The result of one check. `warning`: it works with a restriction. `problem`: it does not work; the remedy fixes it.
 */
export interface Finding {
  readonly level: "ok" | "warning" | "problem";
  readonly message: string;
  /** What to do: a sentence, or the exact command. */
  readonly remedy?: string | undefined;
  /** The webhook that it concerns. */
  readonly webhookId?: string | undefined;
}

export const ok = (message: string): Finding => ({ level: "ok", message });
export const warning = (message: string, remedy?: string): Finding => ({ level: "warning", message, remedy });
export const problem = (message: string, remedy?: string): Finding => ({ level: "problem", message, remedy });
