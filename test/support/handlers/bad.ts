import { setTimeout as delay } from "node:timers/promises";
import { EVENT_TYPES } from "../../../src/core/events.ts";
import { act, GOOD, isFresh, isSigned, type Habits } from "./app.ts";

/** Uses the order's id as the event's id: discards every fill. */
export const dedupsOnDataId: Habits = {
  ...GOOD,
  isNew: ({ data }, { seen }) => !seen.has(data.id) && seen.add(data.id) !== undefined,
};

/** Processes every copy. */
export const neverDedups: Habits = { ...GOOD, isNew: () => true };

/** Checks whether it knows an event, and stores it only after a query: two at once are both new. */
export const remembersTooLate: Habits = {
  ...GOOD,
  async isNew(event, { seen }) {
    const identity = `${event.event} ${event.data.id} ${event.timestamp}`;
    if (seen.has(identity)) return false;
    await delay(100);
    seen.add(identity);
    return true;
  },
};

/** Handles only fills correctly. */
export const dedupsFillsOnly: Habits = {
  ...GOOD,
  isNew: (event, state) => event.event !== "order.filled" || GOOD.isNew(event, state),
};

/** Ignores a fill if the order was not accepted before. */
export function dropsEarlyFills(): Habits {
  const orders = new Set<string>();
  return {
    ...GOOD,
    isNew({ event, ...rest }, state) {
      if (event === "order.accepted") orders.add(rest.data.id);
      return event === "order.filled" && !orders.has(rest.data.id) ? false : GOOD.isNew({ event, ...rest }, state);
    },
  };
}

/** Answers, and then throws an unhandled error. */
export function crashesAfterwards(crash: () => void): Habits {
  return { ...GOOD, accept: () => void setTimeout(crash, 5) };
}

/** Answers first, and then processes its queue one by one. */
export function worksSlowly(workMs: number, habits: Habits = GOOD): Habits {
  return {
    ...habits,
    accept(event, state) {
      state.queue.push(() => act(event, state));
      if (state.queue.length > 1) return;
      const work = () => {
        state.queue[0]?.();
        state.queue.shift();
        if (state.queue.length > 0) setTimeout(work, workMs);
      };
      setTimeout(work, workMs);
    },
  };
}

/** Accepts every signature. */
export const neverVerifies: Habits = { ...GOOD, isAuthentic: () => true };

/** Verifies the re-serialized JSON of a body parser. */
export const verifiesRewrittenJson: Habits = {
  ...GOOD,
  isAuthentic(raw, headers, secret) {
    const parsed = GOOD.parse(raw);
    // As behind a body parser, a body that is not JSON is rejected before.
    return parsed === undefined || (isSigned(JSON.stringify(parsed), headers, secret) && isFresh(headers));
  },
};

/** Verifies the signature, but not its time. */
export const acceptsStale: Habits = { ...GOOD, isAuthentic: isSigned };

export const BLOCKS_MS = 700;

/** Processes each event before it answers. */
export const blocks: Habits = {
  ...GOOD,
  async accept(event, state) {
    await delay(BLOCKS_MS);
    act(event, state);
  },
};

/** Has a list of events, and throws for all others. */
export const failsOnUnknown: Habits = {
  ...GOOD,
  isKnown: ({ event }) => Object.hasOwn(EVENT_TYPES, event),
};

/** Does not expect JSON.parse to throw. */
export function crashesOnMalformed(crash: () => void): Habits {
  return {
    ...GOOD,
    parse(raw) {
      const event = GOOD.parse(raw);
      if (event === undefined) crash();
      return event;
    },
  };
}

const QUEUE_ROOM = 10;

/** Answers first and processes later, but its small queue drops what does not fit. */
export const losesUnderBurst: Habits = {
  ...GOOD,
  isNew: (event, { seen }) => !seen.has(JSON.stringify(event)),
  accept(event, state) {
    if (state.queue.length >= QUEUE_ROOM) return;
    state.seen.add(JSON.stringify(event));
    state.queue.push(() => act(event, state));
    if (state.queue.length > 1) return;
    const work = () => {
      state.queue[0]?.();
      state.queue.shift();
      if (state.queue.length > 0) setTimeout(work, 2);
    };
    setTimeout(work, 2);
  },
};

/** Refuses events when too many are received at once: a small pool. */
export function refusesUnderBurst(): Habits {
  let busy = 0;
  return {
    ...GOOD,
    isKnown: () => busy < QUEUE_ROOM,
    async isNew(event, state) {
      busy += 1;
      await delay(20);
      busy -= 1;
      return GOOD.isNew(event, state);
    },
  };
}
