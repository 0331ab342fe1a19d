import { crashSafety } from "../support/crash-safety.ts";

crashSafety(3);
