import { ALL_BEHAVIOURS, answersOfApps, burstReachesApp } from "../support/app-behaviours.ts";

answersOfApps("app", ALL_BEHAVIOURS);
answersOfApps("now", ALL_BEHAVIOURS);

burstReachesApp(500);
