import { script, ShellCompDirective } from "@bomb.sh/tab";
import { AppError } from "../core/errors.ts";
import { printed } from "./printed.ts";
import type { Completed } from "./suggest.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** The script that a shell reads once. At each TAB it runs `bluum-hooks completion SHELL complete -- WORDS…`. */
export function shellScript(shell: Shell): string {
  const text = printed(() => script(shell, "bluum-hooks", `bluum-hooks completion ${shell}`));
  return shell === "bash" ? forBash(text) : text;
}

/** What is completed, as the script of this shell reads it. */
export function completionText(shell: Shell, { suggestions, wantsFiles }: Completed): string {
  const star = STARS[shell];
  const lines = suggestions.map(({ value, description }) => `${value.replaceAll("*", star)}\t${description}\n`);
  const { ShellCompDirectiveDefault, ShellCompDirectiveNoFileComp } = ShellCompDirective;
  return `${lines.join("")}:${wantsFiles ? ShellCompDirectiveDefault : ShellCompDirectiveNoFileComp}\n`;
}

/** A star on the command line must not mean files. zsh removes one backslash before it inserts; fish quotes by itself. */
const STARS: Record<Shell, string> = { bash: String.raw`\*`, zsh: String.raw`\\*`, fish: "*" };

/** Words split at blanks alone, where the package bash-completion is not there to do it. */
const BASH_WORDS = `
__bluum_hooks_words() {
    if declare -F _get_comp_words_by_ref >/dev/null; then
        _get_comp_words_by_ref -n "=:" cur prev words cword
        return
    fi
    local line="\${COMP_LINE:0:COMP_POINT}"
    read -r -a words <<< "$line"
    [[ "$line" == *[[:space:]] ]] && words+=("")
    cword=$(( \${#words[@]} - 1 ))
    cur="\${words[cword]}"
    prev="\${words[cword - 1]}"
}
`;

/** Where the library's script falls short: each is replaced once, and a version of it in which it is not there is noticed. */
const BASH_CHANGES: readonly (readonly [from: RegExp, to: string])[] = [
  // Read a second time, as by `source ~/.bashrc`, it would complain of every line.
  [/^readonly /gm, ""],
  [/_get_comp_words_by_ref -n "=:" cur prev words cword/, "__bluum_hooks_words"],
  // It would carry out what is typed: a `$(…)`, or a `>` that empties a file, at a mere TAB.
  [
    /out=\$\(eval "\$requestComp" 2>\/dev\/null\)/,
    'out=$(bluum-hooks completion bash complete -- "${words[@]:1}" 2>/dev/null)',
  ],
  // What is suggested is right as it is; this would compare it without its backslashes, and with the flag in `--flag=value`.
  [
    /COMPREPLY=\( \$\(compgen -W .*\) \)/,
    'COMPREPLY=()\n    for comp in "${completions[@]}"; do [[ -n "$comp" ]] && COMPREPLY+=("$comp"); done',
  ],
  // Lets the script leave it to the shell to offer files.
  [/^complete -F/m, "complete -o default -F"],
];

function forBash(text: string): string {
  const changed = BASH_CHANGES.reduce((before, [from, to]) => {
    if (!before.match(from)) throw new AppError("internal", `the completion script for bash has no ${from.source}`);
    return before.replace(from, to);
  }, text);
  return `${BASH_WORDS.trimStart()}\n${changed}`;
}
