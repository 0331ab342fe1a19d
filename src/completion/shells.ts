import { script, ShellCompDirective } from "@bomb.sh/tab";
import { AppError } from "../core/errors.ts";
import { type Completed, printed } from "./suggest.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** The script that a shell sources once. At each TAB it runs `bluum-hooks completion SHELL complete -- WORDS…`. */
export function shellScript(shell: Shell): string {
  const text = printed(() => script(shell, "bluum-hooks", `bluum-hooks completion ${shell}`));
  return shell === "bash" ? forBash(text) : text;
}

/** Formats suggestions for the script of this shell. */
export function completionText(shell: Shell, { suggestions, wantsFiles }: Completed): string {
  const star = STARS[shell];
  const lines = suggestions.map(({ value, description }) => `${value.replaceAll("*", star)}\t${description}\n`);
  const { ShellCompDirectiveDefault, ShellCompDirectiveNoFileComp } = ShellCompDirective;
  return `${lines.join("")}:${wantsFiles ? ShellCompDirectiveDefault : ShellCompDirectiveNoFileComp}\n`;
}

/** A star on the command line must not match files. zsh removes a backslash before it inserts; fish quotes itself. */
const STARS: Record<Shell, string> = { bash: String.raw`\*`, zsh: String.raw`\\*`, fish: "*" };

/** Splits words at spaces only, if the package bash-completion is not installed. */
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

/** Fixes of the library's script: each is applied once; a version without the text to replace is detected. */
const BASH_CHANGES: readonly (readonly [from: RegExp, to: string])[] = [
  // When read a second time, for example by `source ~/.bashrc`, it would report an error for every line.
  [/^readonly /gm, ""],
  [/_get_comp_words_by_ref -n "=:" cur prev words cword/, "__bluum_hooks_words"],
  // It would execute typed text at a TAB: a `$(…)`, or a `>` that truncates a file.
  [
    /out=\$\(eval "\$requestComp" 2>\/dev\/null\)/,
    'out=$(bluum-hooks completion bash complete -- "${words[@]:1}" 2>/dev/null)',
  ],
  // Suggestions need no further filter; this would compare them without their backslashes, and with the flag in
  // `--flag=value`.
  [
    /COMPREPLY=\( \$\(compgen -W .*\) \)/,
    'COMPREPLY=()\n    for comp in "${completions[@]}"; do [[ -n "$comp" ]] && COMPREPLY+=("$comp"); done',
  ],
  // Lets the shell offer files.
  [/^complete -F/m, "complete -o default -F"],
];

function forBash(text: string): string {
  const changed = BASH_CHANGES.reduce((before, [from, to]) => {
    if (!before.match(from)) throw new AppError("internal", `the completion script for bash has no ${from.source}`);
    return before.replace(from, to);
  }, text);
  return `${BASH_WORDS.trimStart()}\n${changed}`;
}
