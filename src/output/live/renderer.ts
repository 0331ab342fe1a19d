import { createHumanRenderer } from "./human.ts";
import { recordLine } from "../export/fact-record.ts";
import { type RendererOptions, type Renderer, shownSecret } from "./sink.ts";

/**
 * Prints facts as they are published. Deliveries go to stdout, because they are data; all other messages go to
 * stderr.
 */
export function createRenderer(options: RendererOptions): Renderer {
  if (!options.json) return createHumanRenderer(options);
  return { fact: (fact) => options.stdout.write(recordLine(fact), shownSecret(fact)), close: () => {} };
}
