/** What one look has found. `warning`: it works, but mind this. `problem`: it does not, and the remedy says what does. */
export interface Finding {
  readonly level: "ok" | "warning" | "problem";
  readonly message: string;
  /** What to do: a sentence, or the exact command. */
  readonly remedy?: string | undefined;
  /** The webhook that it is about. */
  readonly webhookId?: string | undefined;
}

export const ok = (message: string): Finding => ({ level: "ok", message });
export const warning = (message: string, remedy?: string): Finding => ({ level: "warning", message, remedy });
export const problem = (message: string, remedy?: string): Finding => ({ level: "problem", message, remedy });
