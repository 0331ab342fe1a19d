import { AppError } from "../../core/errors.ts";
import { readTimeline, type Timeline } from "../../core/timeline.ts";
import { summarize } from "../../output/live/summaries.ts";
import { forTimeline, type TimelineDelivery } from "../../output/reports/timeline-report.ts";
import { eachDelivery } from "../../store/pages.ts";
import type { StoreReader } from "../../store/store.ts";

type TimelineStore = Pick<StoreReader, "list" | "resources">;

/** The history of the order or transfer with this id or prefix. Throws `resource_not_found`. */
export async function timelineOf(
  store: TimelineStore,
  wanted: string,
  environment: string | undefined,
): Promise<{ readonly resourceId: string; readonly timeline: Timeline<TimelineDelivery> }> {
  const resourceId = await findResource(store, wanted);
  const deliveries: TimelineDelivery[] = [];
  for await (const delivery of eachDelivery(store, { resourceId, environment, order: "oldest" })) {
    deliveries.push(forTimeline(delivery, summarize(delivery)));
  }
  if (deliveries.length === 0) throw notFound(`no deliveries for ${resourceId} in ${environment}`);
  return { resourceId, timeline: readTimeline(deliveries) };
}

const CANDIDATES_SHOWN = 5;

async function findResource(store: TimelineStore, wanted: string): Promise<string> {
  const ids = await store.resources(wanted, CANDIDATES_SHOWN + 1);
  const id = ids.includes(wanted) ? wanted : ids[0];
  if (wanted === "" || id === undefined) throw notFound(`no deliveries for an order or transfer ${wanted}`);
  if (ids.length > 1 && id !== wanted) {
    const shown = ids.slice(0, CANDIDATES_SHOWN).join(", ");
    throw new AppError("resource_not_found", `${wanted} matches more than one ID`, {
      hint: `Use a longer prefix: ${shown}${ids.length > CANDIDATES_SHOWN ? ", …" : ""}`,
    });
  }
  return id;
}

function notFound(message: string): AppError {
  return new AppError("resource_not_found", message.trim(), {
    hint: "List the deliveries with: bluum-hooks events list",
  });
}
