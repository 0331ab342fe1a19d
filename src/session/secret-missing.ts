import { AppError } from "../core/errors.ts";

/** Nothing to sign or verify with. */
export function secretMissing(environment: string, verb: "sign" | "verify", otherwise = ""): AppError {
  const hint =
    environment === "emulator"
      ? "Let bluum-hooks listen --env emulator create a webhook: its secret is remembered."
      : "Set BLUUM_WEBHOOK_SECRET, or name a webhook that listen or register created here, with --webhook ID.";
  return new AppError("webhook_secret_missing", `no webhook secret is known for ${environment} to ${verb} with`, {
    hint: hint + otherwise,
  });
}
