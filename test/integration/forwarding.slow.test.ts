import { it } from "vitest";
import { ALL_BEHAVIOURS, answersOfApps, burst } from "../support/app-behaviours.ts";

answersOfApps("app", ALL_BEHAVIOURS);
answersOfApps("now", ALL_BEHAVIOURS);

it("a burst of 1,000 deliveries reaches the app whole, each resource in order, without delaying an answer", () =>
  burst(500));
