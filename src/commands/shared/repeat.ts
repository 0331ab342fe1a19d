import { shellWord } from "../../core/shell-word.ts";
import { withoutCredentials } from "../../core/urls.ts";

/**
 * The command line of this run as a command to copy, without some of its options (each with a value) and with others
 * at its end. A password in a URL is left out.
 */
export function repeatedCommand(
  argv: readonly string[],
  { without, add }: { readonly without: readonly string[]; readonly add: readonly string[] } = { without: [], add: [] },
): string {
  const kept = argv.filter((word, index) => {
    const isLeftOut = without.some((name) => word === name || word.startsWith(`${name}=`));
    return !isLeftOut && !without.includes(argv[index - 1] ?? "");
  });
  return ["bluum-hooks", ...[...kept, ...add].map((word) => shellWord(withoutCredentials(word)))].join(" ");
}
