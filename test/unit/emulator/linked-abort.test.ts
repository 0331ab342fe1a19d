import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { LinkedAbort } from "../../../src/emulator/linked-abort.ts";

test("a linked abort follows its parent, with the parent's reason", () => {
  const parent = new AbortController();
  using linked = new LinkedAbort(parent.signal);
  expect(linked.signal.aborted).toBe(false);
  parent.abort(new Error("all of it"));
  expect(linked.signal.reason).toEqual(new Error("all of it"));
});

test("a linked abort of a parent that is aborted already is aborted from the start", () => {
  using linked = new LinkedAbort(AbortSignal.abort(new Error("too late")));
  expect(linked.signal.reason).toEqual(new Error("too late"));
});

test("a linked abort of its own leaves the parent alone", () => {
  const parent = new AbortController();
  using linked = new LinkedAbort(parent.signal);
  linked.abort(new Error("this one only"));
  expect(linked.signal.reason).toEqual(new Error("this one only"));
  expect(parent.signal.aborted).toBe(false);
});

test("a linked abort that is disposed leaves nothing on its parent", () => {
  const parent = new AbortController();
  new LinkedAbort(parent.signal)[Symbol.dispose]();
  expect(getEventListeners(parent.signal, "abort")).toEqual([]);
});
