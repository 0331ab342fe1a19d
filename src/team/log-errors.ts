import { AppError } from "../core/errors.ts";

export function logReplaced(name: string): AppError {
  return new AppError("team_log_replaced", `the log ${name} has been deleted, or created again`, {
    hint: "Ask for its new invite, and run: bluum-hooks team join. Your deliveries stay on this machine.",
  });
}

export function logTooOld(): AppError {
  return new AppError("team_log_too_old", "the team log was created by an older version of bluum-hooks", {
    hint: "Upgrade it with: bluum-hooks team init",
  });
}

export function logTooNew(): AppError {
  return new AppError("team_log_too_new", "the team log needs a newer version of bluum-hooks", {
    hint: "Update with: npm install -g bluum-hooks@latest",
  });
}
