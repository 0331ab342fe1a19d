import { ENVIRONMENT_FACTS, ENVIRONMENTS } from "./environments.ts";
import { shellWord } from "./shell-word.ts";

/** Where a command acts. A record may name an environment that is none of ours. */
export interface ApiTarget {
  readonly environment: string;
  readonly baseUrl: string;
  /** The environment that is meant where no flag names one; sandbox, unless it is set. */
  readonly defaultEnvironment?: string | undefined;
}

/** A command of ours to be copied, with the flags that lead it to the target. Other words than our own come quoted. */
export function commandLine(words: string, target: ApiTarget): string {
  const { environment, baseUrl } = target;
  const known = ENVIRONMENTS.find((each) => each === environment);
  const isDefault = known !== undefined && ENVIRONMENT_FACTS[known].baseUrl === baseUrl;
  return [commandIn(target, words), ...(isDefault ? [] : [`--base-url ${shellWord(baseUrl)}`])].join(" ");
}

/** The same for what is kept on this machine, whatever the base URL. */
export function commandIn(target: string | Omit<ApiTarget, "baseUrl">, words: string): string {
  const { environment, defaultEnvironment = "sandbox" } = typeof target === "string" ? { environment: target } : target;
  const flag = environment === defaultEnvironment ? [] : [`--env ${shellWord(environment)}`];
  return ["bluum-hooks", words, ...flag].join(" ");
}
