import { afterAll, beforeAll, describe, type TestContext } from "vitest";
import type { BluumClient } from "../../src/bluum/client.ts";
import type { Generation, Owner } from "../../src/core/id-rules.ts";
import { clientOf, type Target, TARGETS } from "./targets.ts";

/** A page of docs.bluumfinance.com, or a file of Bluum's example application. */
export type Page =
  | `${"api-reference" | "concepts" | "get-started" | "guides" | "platform" | "resources"}/${string}`
  | `example-neo-bank/${string}`;

/** What the tests of a page use. */
export interface Asked {
  readonly target: Target;
  readonly api: BluumClient;
}

/**
 * Facts of a page that a server of the API can be asked for: the emulator always, and the sandbox on request. `asked`
 * is for use within a test.
 */
export function published(page: Page, tests: (asked: () => Asked) => void): void {
  for (const { name, open, isHere } of TARGETS) {
    const group = isHere ? describe : describe.skip;
    group(`${page}, asked of ${name}:`, () => {
      let asked: Asked | undefined;
      beforeAll(async () => {
        const target = await open();
        asked = { target, api: clientOf(target) };
      });
      afterAll(async () => {
        await asked?.api[Symbol.asyncDispose]();
        await asked?.target[Symbol.asyncDispose]();
      });
      tests(() => {
        if (asked === undefined) throw new Error("the target is not open");
        return asked;
      });
    });
  }
}

/** Facts of a page that no server can be asked for: how events are delivered, and what this program makes of them. */
export function publishedHere(page: Page, tests: () => void): void {
  describe(`${page}:`, () => {
    tests();
  });
}

/** The target's owner of a generation. The test is skipped if it has none. */
export function ownerOf<G extends Generation>(
  { owners }: Target,
  generation: G,
  { skip }: Pick<TestContext, "skip">,
): Extract<Owner, { generation: G }> {
  const owner = owners.find((each): each is Extract<Owner, { generation: G }> => each.generation === generation);
  if (owner === undefined) skip(`no owner of the ${generation} API`);
  return owner as Extract<Owner, { generation: G }>;
}
