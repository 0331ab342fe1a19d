// A separate process with a store, for the tests of several processes in one folder.
import { newId } from "../../src/platform/ids.ts";
import { openStore } from "../../src/store/store.ts";
import { makeDelivery, VERIFIED } from "../unit/store/support.ts";

const [task = "", folder = "", name = "", count = "0"] = process.argv.slice(2);
const store = await openStore({ folder });
const say = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);

switch (task) {
  case "append":
    for (let done = 0; done < Number(count); done += 1) {
      const recorded = await store.append(makeDelivery({ eventId: name }), VERIFIED, "sandbox");
      say(recorded.recurrence);
    }
    await store[Symbol.asyncDispose]();
    break;
  case "flood":
    // Prints which deliveries are durable, until it is killed.
    for (;;) {
      const ids = Array.from({ length: 20 }, () => newId("dlv"));
      await Promise.all(ids.map((id) => store.append(makeDelivery({ id }), VERIFIED, "sandbox")));
      say(ids);
    }
  case "hold":
    say((await store.tryLock(name, { pid: process.pid, since: 1_795_000_000_000, what: "a test" })) !== undefined);
    setInterval(() => {}, 60_000);
    break;
  default:
    throw new Error(`unknown task ${task}`);
}
