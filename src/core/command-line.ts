import { ENVIRONMENT_FACTS, ENVIRONMENTS } from "./environments.ts";
import { shellWord } from "./shell-word.ts";

/** Where a command acts. A record may name an environment that is none of ours. */
export interface Place {
  readonly environment: string;
  readonly baseUrl: string;
}

/** A command of ours to be copied, with the flags that lead it to the place. Other words than our own come quoted. */
export function commandLine(words: string, { environment, baseUrl }: Place): string {
  const known = ENVIRONMENTS.find((each) => each === environment);
  const isDefault = known !== undefined && ENVIRONMENT_FACTS[known].baseUrl === baseUrl;
  return [commandIn(environment, words), ...(isDefault ? [] : [`--base-url ${shellWord(baseUrl)}`])].join(" ");
}

/** The same for what is kept on this machine, whatever the base URL. */
export function commandIn(environment: string, words: string): string {
  return ["bluum-hooks", words, ...(environment === "sandbox" ? [] : [`--env ${shellWord(environment)}`])].join(" ");
}
