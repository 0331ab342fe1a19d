import { describe, expect, it } from "vitest";
import { FRAMEWORK_NAMES } from "../../../src/checks/frameworks/names.ts";
import { FRAMEWORKS, recogniseFramework } from "../../../src/checks/frameworks/recognise.ts";
import type { HeaderPair } from "../../../src/core/delivery.ts";
import type { Answered } from "../../../src/platform/answer-text.ts";
import recorded from "./framework-answers.json" with { type: "json" };

function answer(status: number, headers: readonly HeaderPair[], text = ""): Answered {
  const body = Buffer.from(text);
  return { kind: "answered", startedAt: 0, durationMs: 1, status, headers, body, bodyBytes: body.length };
}

const nameOf = (...answers: Answered[]) => recogniseFramework(answers)?.name;

/** Koa's responses equal those of many hand-written servers. */
const UNKNOWN = new Set(["koa"]);

describe("a framework is recognised from", () => {
  it.each(recorded)("the recorded answer of $framework $version to $sent", ({ framework, status, headers, body }) => {
    const pairs = headers.map(([name = "", value = ""]) => [name, value] as const);
    expect(nameOf(answer(status, pairs, body))).toBe(UNKNOWN.has(framework) ? undefined : framework);
  });

  // From the frameworks' documentation and source code.
  it.each<[framework: string, headers: HeaderPair[], body: string]>([
    ["adonisjs", [["content-type", "text/html"]], "E_ROUTE_NOT_FOUND: Cannot POST:/webhooks/bluum"],
    [
      "spring",
      [["Content-Type", "application/json"]],
      '{"timestamp":"2026-01-02T03:04:05.678+00:00","status":400,"error":"Bad Request","path":"/webhooks/bluum"}',
    ],
  ])("a documented answer of %s", (framework, headers, body) => {
    expect(nameOf(answer(400, headers, body))).toBe(framework);
  });

  it("the more telling of several answers", () => {
    const fine = answer(201, [["X-Powered-By", "Express"]], "{}");
    expect(nameOf(fine)).toBe("express");
    const error = '{"message":"Unexpected end of JSON input","error":"Bad Request","statusCode":400}';
    expect(nameOf(fine, answer(400, [["X-Powered-By", "Express"]], error))).toBe("nestjs");
  });

  it("nothing that any server could answer", () => {
    const plain: HeaderPair[] = [["Content-Type", "text/plain; charset=utf-8"]];
    for (const text of ["", "bad signature", "Bad Request", '{"error":"bad signature"}', "<h1>Error</h1>"]) {
      expect(nameOf(answer(400, plain, text))).toBeUndefined();
    }
    expect(nameOf(answer(502, [["Server", "nginx/1.22.1"]], "<html><h1>502 Bad Gateway</h1></html>"))).toBeUndefined();
  });
});

it("every framework that can be named has one row, with whole sentences", () => {
  expect(FRAMEWORKS.map(({ name }) => name).toSorted()).toStrictEqual([...FRAMEWORK_NAMES].toSorted());
  for (const { remedies } of FRAMEWORKS) {
    for (const remedy of Object.values(remedies)) expect(remedy).toMatch(/^\S.*\.$/);
  }
});
