/**
 * Every nth case of a matrix, or all of them with TEST_MATRIX=all. A step without a common factor with the sizes of
 * the matrix's dimensions meets every value of each.
 */
export function sampled<Case>(cases: readonly Case[], step: number): readonly Case[] {
  return isWhole ? cases : cases.filter((_, at) => at % step === 0);
}

/** Whether whole matrices are tested. */
export const isWhole = process.env["TEST_MATRIX"] === "all";
