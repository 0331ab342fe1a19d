import { neverTooWide } from "../support/listen-terminal.ts";

neverTooWide([60, 80, 120]);
