import { statfs } from "node:fs/promises";
import type { Integrity } from "../../store/quick-check.ts";
import type { WebhookChange } from "../../store/store.ts";
import { isSameUrl } from "../../core/urls.ts";
import { existingAbove, isWritableFolder } from "../../platform/folder.ts";
import { localTime } from "../../core/local-time.ts";
import { mayLandUntil } from "../webhooks/ledger.ts";
import { sessionLock } from "../webhooks/webhook-locks.ts";
import { restoreCommand, unansweredMessage } from "../webhooks/recovery-messages.ts";
import { type DiagnosticContext, ok, problem, warning, type Finding } from "./diagnostic-context.ts";
import type { Warning } from "../../core/errors.ts";

const MB = 1024 * 1024;
const LITTLE_SPACE_BYTES = 200 * MB;
const NO_SPACE_BYTES = 10 * MB;
const SOUND: Integrity = { kind: "sound" };

export async function checkStore(diagnostics: DiagnosticContext): Promise<Finding[]> {
  const store = await diagnostics.store();
  const { file, openedFile, exists, schemaVersion, deliveries, bytes, keptFiles } = await store.examine();
  const integrity = openedFile === "" ? SOUND : await diagnostics.integrityOf(openedFile);
  if (integrity.kind === "damaged") {
    return [
      problem(
        `${file} is damaged: ${integrity.damage}`,
        "Move it away, with its -wal and -shm files; the next start creates a new one.",
      ),
    ];
  }
  const place = existingAbove(diagnostics.folder);
  const { bavail, bsize } = await statfs(place);
  const freeBytes = bavail * bsize;
  const size = `${(bytes / MB).toFixed(1)} MB`;
  const notices: Finding[] = [];
  const { isStoreWritable } = await import("../../store/file.ts");
  const isWritable = exists ? isStoreWritable(diagnostics.folder) : isWritableFolder(place);
  const hear = ({ code, message, hint }: Warning) => {
    // Renamed files are reported below.
    if (code !== "log_damaged" || !isWritable) notices.push(warning(message, hint));
  };
  store.onNotice(hear)();
  const findings = [
    ok(
      exists
        ? `${integrity.kind === "sound" ? "sound: " : ""}${deliveries} deliveries, ${size}, schema ${schemaVersion}`
        : `none yet: ${file} does not exist, so no delivery has been received`,
    ),
    ...(integrity.kind === "unchecked" ? [uncheckedFinding(integrity.reason)] : []),
    ...notices,
  ];
  if (!isWritable) {
    findings.push(
      problem(
        `${exists ? file : place} cannot be written: commands that read work, but listen cannot store deliveries`,
        "Make it writable, or set BLUUM_HOOKS_HOME to a folder that is.",
      ),
    );
  }
  for (const kept of keptFiles) {
    findings.push(
      warning(
        `not everything in ${kept.path} (${(kept.bytes / MB).toFixed(1)} MB) could be read`,
        "Check the disk, and delete the file when you do not need it. The readable records are stored.",
      ),
    );
  }
  if (freeBytes < LITTLE_SPACE_BYTES) {
    const make = freeBytes < NO_SPACE_BYTES ? problem : warning;
    const left = `only ${Math.floor(freeBytes / MB)} MB of disk space left; a delivery that cannot be stored is answered 503`;
    findings.push(make(left, "Free some disk space."));
  }
  return findings;
}

function uncheckedFinding(reason: string): Finding {
  return warning(
    `not checked for damage: ${reason}`,
    "Delete old deliveries: bluum-hooks events prune --older-than 30d",
  );
}

/** Webhooks that a crashed session did not restore. */
export async function checkRestores(diagnostics: DiagnosticContext): Promise<Finding[]> {
  const store = await diagnostics.store();
  const findings: Finding[] = [];
  let live = 0;
  for (const change of await store.changes.pending()) {
    const { webhookId, environment, baseUrl, createdAt } = change;
    const holder = webhookId === null ? undefined : await store.holderOf(sessionLock(baseUrl, webhookId));
    if (holder !== undefined) {
      live += 1;
      continue;
    }
    const about = webhookId === null ? {} : { webhookId };
    const until = change.state === "planned" ? mayLandUntil(change, diagnostics.context.clock.now()) : null;
    if (until !== null && !(await hasLanded(diagnostics, change))) {
      findings.push({ ...warning(unansweredMessage(change, until).message, restoreCommand(change)), ...about });
      continue;
    }
    const what = `webhook ${webhookId ?? "that was being created"} of ${environment} was not restored on ${localTime(createdAt)}`;
    // The data of an emulator is lost when it ends.
    const make = environment === "emulator" ? warning : problem;
    findings.push({ ...make(what, restoreCommand(change)), ...about });
  }
  if (findings.length > 0) return findings;
  return [ok(live === 0 ? "none" : `none; ${live} webhook(s) in use by running sessions`)];
}

/** Whether an unanswered change has taken effect, as far as the API shows it. */
async function hasLanded(
  diagnostics: DiagnosticContext,
  { environment, baseUrl, webhookId, after }: WebhookChange,
): Promise<boolean> {
  const settings = await diagnostics.settings();
  if (settings.environment !== environment || settings.baseUrl !== baseUrl) return false;
  const webhooks = await diagnostics
    .api()
    .then((api) => api.listWebhooks())
    .catch(() => []);
  return webhooks.some(({ id, url, description }) =>
    webhookId === null ? description === after.description : id === webhookId && isSameUrl(url, after.url),
  );
}
