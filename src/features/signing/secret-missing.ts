import { commandLine, type ApiTarget } from "../../core/command-line.ts";
import { AppError } from "../../core/errors.ts";

/** The error if there is no secret to sign or verify with. */
export function secretMissing(place: ApiTarget, verb: "sign" | "verify", otherwise = ""): AppError {
  const hint =
    place.environment === "emulator"
      ? `Set BLUUM_WEBHOOK_SECRET, or run ${commandLine("listen", place)}: the secret of its emulator is stored.`
      : "Set BLUUM_WEBHOOK_SECRET, or name a webhook that listen or register created here, with --webhook ID.";
  return new AppError("webhook_secret_missing", `no webhook secret of ${place.environment} to ${verb} with`, {
    hint: hint + otherwise,
  });
}
