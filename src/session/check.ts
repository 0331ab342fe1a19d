import { readFile, writeFile } from "node:fs/promises";
import type { CheckReport } from "../core/check.ts";
import { AppError } from "../core/errors.ts";

/** Throws `endpoint_unreachable` or `check_failed`, unless the endpoint passed every required check. */
export function requireReady(report: CheckReport): void {
  if (!report.reachable) {
    const contact = report.results.find(({ id }) => id === "transport.reachable");
    throw new AppError("endpoint_unreachable", `${report.url}: ${contact?.got ?? "no answer"}`, {
      hint: "Start the app, and check host, port and path of the URL.",
    });
  }
  if (report.passed) return;
  const failed = report.results
    .filter(({ result, requirement }) => result === "failed" && requirement === "required")
    .map(({ id }) => id);
  if (failed.length === 0)
    throw new AppError("check_failed", `the checks did not come to their end: ${report.stopped}`);
  const checks = failed.length === 1 ? "a required check" : `${failed.length} required checks`;
  throw new AppError("check_failed", `the endpoint failed ${checks}`, {
    hint: `Mend it, then run the same again: --only ${failed.join(",")}`,
  });
}

/** Throws `file_unusable`. */
export async function writeJunit(path: string, report: CheckReport): Promise<void> {
  // A CI system's format, and the library for it: of no use to most runs.
  const { junitXml } = await import("../output/check-junit.ts");
  try {
    await writeFile(path, junitXml(report));
  } catch (cause) {
    throw new AppError("file_unusable", `the report cannot be written to ${path}: ${(cause as Error).message}`, {
      hint: "Name a file in a folder that exists and that you may write to.",
      cause,
    });
  }
}

/** Certificate authorities in PEM. Throws `file_unusable`. */
export async function readCertificates(path: string): Promise<string> {
  const hint = "Name a file with certificates in PEM: -----BEGIN CERTIFICATE-----";
  const pem = await readFile(path, "utf8").catch((cause: Error) => {
    throw new AppError("file_unusable", `the certificates cannot be read: ${cause.message}`, { hint, cause });
  });
  if (pem.includes("-----BEGIN CERTIFICATE-----")) return pem;
  throw new AppError("file_unusable", `${path} holds no certificate`, { hint });
}
