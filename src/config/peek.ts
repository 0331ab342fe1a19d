import { join } from "node:path";
import { readConfigFile } from "./damage.ts";
import { profileIn, type Profile } from "./profile.ts";

/** What is remembered of an environment, read in passing: nothing is made, mended or complained of. */
export function peekProfile(folder: string, environment: string): Profile {
  try {
    const reading = readConfigFile(join(folder, "config.json"));
    if (reading.kind === "good") return profileIn(reading.file, environment);
  } catch {
    // Whoever needs the file will be told.
  }
  return { webhooks: {} };
}
