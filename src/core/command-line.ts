import { ENVIRONMENT_FACTS, ENVIRONMENTS } from "./environments.ts";

/** The API that a command acts on. A stored record may name an environment that this program does not know. */
export interface ApiTarget {
  readonly environment: string;
  readonly baseUrl: string;
  /** The environment used if no flag names one: sandbox, unless the user has set another. */
  readonly defaultEnvironment?: string | undefined;
}

/**
 * A command of this program for the user to copy, with the flags that select the target. Words from other sources
 * must be quoted by the caller.
 */
export function commandLine(words: string, target: ApiTarget): string {
  const { environment, baseUrl } = target;
  const known = ENVIRONMENTS.find((each) => each === environment);
  const isDefault = known !== undefined && ENVIRONMENT_FACTS[known].baseUrl === baseUrl;
  return [commandIn(target, words), ...(isDefault ? [] : [`--base-url ${shellWord(baseUrl)}`])].join(" ");
}

/** The same for data that is kept on this machine, where the base URL does not matter. */
export function commandIn(target: string | Omit<ApiTarget, "baseUrl">, words: string): string {
  const { environment, defaultEnvironment = "sandbox" } = typeof target === "string" ? { environment: target } : target;
  const flag = environment === defaultEnvironment ? [] : [`--env ${shellWord(environment)}`];
  return ["bluum-hooks", words, ...flag].join(" ");
}

/** Quotes a text as one word of a POSIX shell, if it contains a character that has a meaning to a shell. */
export function shellWord(text: string): string {
  return /^[\w.:/@%+,-]+$/.test(text) ? text : quoted(text);
}

/** Quotes a text as one word of a POSIX shell, always in quotes. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
