import { AppError } from "../core/errors.ts";
import { NO_PACKAGE } from "./remedies.ts";

/** Checks that ngrok's SDK, native code for one platform, can be loaded here. Throws `tunnel_package_missing`. */
export async function loadNgrokPackage(): Promise<void> {
  try {
    await import("@ngrok/ngrok");
  } catch (cause) {
    throw new AppError(NO_PACKAGE.code, NO_PACKAGE.message, { hint: NO_PACKAGE.hint, cause });
  }
}
