import { sourceText, type Answered } from "../../platform/answer-text.ts";
import type { Framework, Sign } from "./framework.ts";
import type { FrameworkName } from "./names.ts";
import { NODE_FRAMEWORKS } from "./node.ts";
import { OTHER_FRAMEWORKS } from "./others.ts";
import { PYTHON_FRAMEWORKS } from "./python.ts";

/** More specific ones come before those with the same features. */
export const FRAMEWORKS: readonly Framework[] = [...NODE_FRAMEWORKS, ...PYTHON_FRAMEWORKS, ...OTHER_FRAMEWORKS];

export function frameworkNamed(name: FrameworkName): Framework | undefined {
  return FRAMEWORKS.find((each) => each.name === name);
}

/** The framework of these responses, if one of them identifies it. */
export function recogniseFramework(answers: Iterable<Answered>): Framework | undefined {
  const seen = [...answers].map((answer) => ({ answer, text: sourceText(answer, MAX_READ) }));
  return FRAMEWORKS.find(({ signs }) =>
    signs.some((sign) => seen.some(({ answer, text }) => matches(sign, answer, text))),
  );
}

const MAX_READ = 16 * 1024;

function matches({ headers = {}, without = [], body }: Sign, answer: Answered, text: string): boolean {
  const values = (wanted: string) => answer.headers.filter(([name]) => name.toLowerCase() === wanted);
  return (
    Object.entries(headers).every(([name, pattern]) => values(name).some(([, value]) => pattern.test(value))) &&
    without.every((name) => values(name).length === 0) &&
    (body === undefined || body.test(text))
  );
}
