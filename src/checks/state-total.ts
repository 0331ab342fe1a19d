/** Significant decimals: as many as any currency or quantity has, without the noise of binary fractions. */
const DECIMALS = 9;
/** Words in JSON, tables and lists; an id or a time is one word, and therefore not a number. */
const WORD = /[\p{L}\p{N}_.:+-]+/gu;
const NUMBER = /^(-?)(\d+)(?:\.(\d+))?$/;

/** `10:30:00`, `2026-01-02T10:30:00`: the digits after the last colon are not a number. */
const TIME = /\d:\d/;

/** The sum of all separate numbers in a state, in units of 10⁻⁹, or undefined if there is none. Exact, for money. */
export function totalOf(state: string): bigint | undefined {
  let total: bigint | undefined;
  for (const [word] of state.matchAll(WORD)) {
    if (TIME.test(word)) continue;
    // `fills:3`, and JSON without spaces.
    const [, sign, whole, fraction = ""] = NUMBER.exec(word.replace(/^.*:/, "").replace(/\.$/, "")) ?? [];
    if (whole === undefined) continue;
    const isUp = (fraction[DECIMALS] ?? "0") >= "5";
    const units = BigInt(whole + fraction.slice(0, DECIMALS).padEnd(DECIMALS, "0")) + (isUp ? 1n : 0n);
    total = (total ?? 0n) + (sign === "-" ? -units : units);
  }
  return total;
}

/** A difference of totals in decimal notation: `0.1`, `2`. */
export function formatUnits(units: bigint): string {
  const digits = (units < 0n ? -units : units).toString().padStart(DECIMALS + 1, "0");
  const fraction = digits.slice(-DECIMALS).replace(/0+$/, "");
  return `${units < 0n ? "-" : ""}${digits.slice(0, -DECIMALS)}${fraction === "" ? "" : `.${fraction}`}`;
}
