import { describe, expect, it } from "vitest";
import type { Settings } from "../../../../src/config/settings.ts";
import { AppError } from "../../../../src/core/errors.ts";
import { readRecipe } from "../../../../src/features/recipes/parse-recipe.ts";
import { referencesIn, resolveReferences } from "../../../../src/features/recipes/references.ts";

const SETTINGS: Settings = {
  environment: "emulator",
  baseUrl: "http://127.0.0.1:4650/v1",
  credentials: { apiKey: "k", apiSecret: "s" },
  owner: { generation: "current", investorId: "inv_1" },
  askedWebhookId: undefined,
  webhookId: undefined,
  webhookSecrets: ["a secret"],
};

const read = (text: string, settings = SETTINGS) => readRecipe("mine.yaml", text, settings);

/** The lines of the error, or none. */
function faults(text: string): string[] {
  try {
    read(text);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    expect((error as AppError).code).toBe("recipe_invalid");
    return (error as AppError).message.split("\n");
  }
}

describe("a recipe", () => {
  it("is a list of steps, or an object with one; YAML or JSON", () => {
    const list = read("- order:\n- sleep: 1\n");
    expect(list.name).toBe("mine.yaml");
    expect(list.steps.map(({ kind, number, line }) => [kind, number, line])).toEqual([
      ["order", 1, 1],
      ["sleep", 2, 2],
    ]);
    const json = read('{"name":"Mine","steps":[{"order":{"qty":2},"as":"buy"},{"wait":{"for":"buy"}}]}');
    expect(json.name).toBe("Mine");
    expect(json.steps[1]).toMatchObject({ kind: "wait", refersTo: ["buy"], needs: ["listener"] });
  });

  it.each([
    ["", "mine.yaml:1: a recipe is a list of steps"],
    ["[]", "mine.yaml:1: a recipe needs at least one step"],
    ["steps: 3", "mine.yaml:1: a recipe needs at least one step"],
    ["name: x\nstep: []", "mine.yaml:2: a recipe has only name, description and steps; step is unknown"],
    ["name: [1]\nsteps: [order: ]", "mine.yaml:1: name must be text"],
    ["- order:\n- [1", "mine.yaml:2: "],
    ["- order: { qty: 1, qty: 2 }", "mine.yaml:1: "],
    ["- order:\n- 3", "mine.yaml:2: step 2: must be one of order, cancel, deposit"],
    ["- {}", "mine.yaml:1: step 1: must be one of order"],
    ["- ordre: {}", "mine.yaml:1: step 1: unknown step ordre; did you mean order?"],
    ["- order: {}\n  wait: {}", "step 1: is both order and wait"],
    ["- order:\n  qty: 1", "step 1: qty is not part of a step"],
    ["- order:\n    qyt: 1", "mine.yaml:2: step 1 (order): qyt is unknown; there are symbol,"],
    ["- order:\n    symbol: A\n    qty: [1]", "mine.yaml:3: step 1 (order): qty must be text"],
    ["- order: 3", "step 1 (order): must be fields: symbol"],
    ["- order: { qty: 1, notional: 2 }", "step 1 (order): an order requires either --qty or --notional"],
    [
      "- deposit: { method: wire, funding-source: f }",
      "step 1 (deposit): for a deposit --funding-source is only valid",
    ],
    ["- withdrawal: {}", "step 1 (withdrawal): a withdrawal of the current API requires --funding-source"],
    ["- cancel: {}", "step 1 (cancel): order is missing"],
    ["- deposit: { amount: 1.234 }", "step 1 (deposit): invalid --amount"],
    ["- order: { qty: 1E5 }", 'step 1 (order): invalid --qty "1E5": must be a positive decimal'],
    ["- order:\n    qty: 007", "mine.yaml:2: 007 is not a JSON number; quote it if it is text"],
    ["- event: { name: a, data: { x: .5, y: .inf } }", "mine.yaml:1: .inf is not a JSON number"],
    ["- event: { name: a, data: 1.0 }", "step 1 (event): data must be an object"],
    ["- event: {}", "step 1 (event): name is missing"],
    ["- event: { name: a, copies: 0 }", "copies must be a whole number from 1"],
    ["- event: { name: a, signature: odd }", "signature must be one of signed, unsigned"],
    ["- event: { name: a, signature: stale, scheme: hex }", "cannot be stale"],
    ["- event: { name: a, set: { __proto__.x: 1 } }", "it is not a path"],
    ["- sleep: soon", "step 1 (sleep): time must be a time such as"],
    ["- sleep:", "step 1 (sleep): time is missing"],
    ["- wait: buy", "step 1 (wait): no earlier step is called buy; name one with as: buy"],
    ["- order:\n  as: buy\n- wait: by", "mine.yaml:3: step 2 (wait): no earlier step is called by; did you mean buy?"],
    ["- order:\n  as: buy\n- order:\n  as: buy", "mine.yaml:4: step 2 (order): an earlier step is already named buy"],
    ["- order:\n  as: 3", "as must be a name"],
    ["- sleep: 1\n  as: nap", "has no output to name"],
    ["- order:\n  as: buy\n- expect: { of: buy }", "step 2 (expect): must have a condition: status"],
    ["- order:\n  as: buy\n- expect: { of: buy, status: 2 }", "status must be a status such as"],
    ["- order:\n  as: buy\n- expect: { of: buy, verdict: good }", "verdict must be one of"],
    ["- order: { symbol: '${sell.id}' }", "step 1 (order): ${sell.id}: no earlier step is called sell"],
    [
      "- order:\n  as: buy\n- event: { name: a, set: { data.id: '${buy.di}' } }",
      "${buy.di}: a step order provides id and status, not di",
    ],
    ["- order:\n  as: buy\n- event: '${buy}'", "${buy}: a step order provides id and status, not a value by itself"],
  ])("%j is refused: %s", (text, message) => {
    expect(faults(text).join("\n")).toContain(message);
  });

  it("reports every fault at once, but no consequences", () => {
    const text = "- order: { qty: [] }\n  as: buy\n- wait: buy\n- sleep: soon\n- event: { name: '${buy.id}' }\n";
    expect(faults(text)).toEqual([
      "mine.yaml:1: step 1 (order): qty must be text",
      "mine.yaml:4: step 3 (sleep): time must be a time such as 500ms or 30s",
    ]);
    expect(faults("- x:\n".repeat(30)).at(-1)).toBe("and 20 more");
  });

  it("is not at fault for missing settings", () => {
    expect(() => read("- order:", { ...SETTINGS, owner: undefined })).toThrow(
      expect.objectContaining({ code: "invalid_usage" }),
    );
    expect(() => read("- event: a", { ...SETTINGS, webhookSecrets: [] })).toThrow(
      expect.objectContaining({ code: "webhook_secret_missing" }),
    );
  });

  it("does not allow aliases to expand without limit", () => {
    const bomb = [
      "a: &a [x,x,x,x,x,x,x,x,x,x]",
      ...["b", "c", "d", "e"].map((name, at) => `${name}: &${name} [${Array(10).fill(`*${"abcd"[at]}`).join(",")}]`),
    ];
    expect(
      faults(`name: x\nsteps:\n- event:\n    name: a\n    data:\n${bomb.map((line) => `      ${line}`).join("\n")}`)[0],
    ).toContain("alias");
  });
});

it("keeps the spelling of a number", () => {
  expect(read("- order: { qty: 0.0000001, limit-price: 178.50, type: limit }").steps).toHaveLength(1);
  expect(read("- deposit: { amount: 250.10 }").steps[0]?.label).toBe("250.10 USD");
  expect(read("- sleep: 1.50").steps[0]?.label).toBe("1.5 s");
  expect(read("- event: { name: a, copies: 1e1 }").steps[0]?.label).toBe("a ×10");
});

describe("references", () => {
  it("are found and replaced in all texts, including keys", () => {
    const value = { a: ["x ${buy.id} ${ sell.status }", 3, null], "${buy.id}": true };
    expect(referencesIn(value).map(({ step, field }) => `${step}.${field}`)).toEqual([
      "buy.id",
      "sell.status",
      "buy.id",
    ]);
    expect(resolveReferences(value, (step, field) => `<${step}.${field}>`)).toEqual({
      a: ["x <buy.id> <sell.status>", 3, null],
      "<buy.id>": true,
    });
  });

  it("are plain text after a second dollar sign", () => {
    expect(referencesIn("$${buy.id}")).toEqual([]);
    expect(resolveReferences("$${buy.id} ${buy.id}", () => "ord_1")).toBe("${buy.id} ord_1");
  });
});

it("a step's time has a readable unit", () => {
  expect(read("- sleep: 90s").steps[0]?.label).toBe("1 min 30 s");
});
