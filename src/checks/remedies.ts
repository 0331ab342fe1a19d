import type { ExchangeOutcome } from "../core/exchange.ts";
import type { Answered } from "../platform/answer-text.ts";
import type { Finding } from "./check-definition.ts";
import type { RemedyTopic } from "./frameworks/framework.ts";
import type { FrameworkName } from "./frameworks/names.ts";

/** Enough to see each kind of error page. */
const MAX_ANSWERS = 16;

/** Remedies for the app's framework, which is given or recognized by the app's responses. */
export class Remedies {
  readonly #given: FrameworkName | undefined;
  readonly #probe: () => Promise<ExchangeOutcome>;
  #isProbed = false;
  readonly #answers = new Map<string, Answered>();

  /** `probe` sends a request that frameworks answer in their own words; called once, if a remedy is needed. */
  constructor(given: FrameworkName | undefined, probe: () => Promise<ExchangeOutcome>) {
    this.#given = given;
    this.#probe = probe;
  }

  /** Stores a response to recognize the framework. */
  see(outcome: ExchangeOutcome): void {
    if (outcome.kind === "failed" || this.#answers.size >= MAX_ANSWERS) return;
    this.#answers.set(`${outcome.status} ${outcome.bodyBytes}`, outcome);
  }

  /** Undefined if the framework is unknown, or has no remedy of its own. */
  async for(topic: RemedyTopic): Promise<string | undefined> {
    // Loaded here, because most runs need none of them.
    const { frameworkNamed, recogniseFramework } = await import("./frameworks/recognise.ts");
    if (this.#given === undefined && !this.#isProbed) {
      this.#isProbed = true;
      this.see(await this.#probe());
    }
    const framework =
      this.#given === undefined ? recogniseFramework(this.#answers.values()) : frameworkNamed(this.#given);
    const remedy = framework?.remedies[topic];
    return framework === undefined || remedy === undefined ? undefined : `${framework.title}: ${remedy}`;
  }

  /** The finding with a remedy for the framework, unless its own is more specific. */
  async improve(finding: Finding, topic: RemedyTopic | undefined): Promise<Finding> {
    if (topic === undefined || finding.result !== "failed" || finding.fix !== undefined) return finding;
    return { ...finding, fix: await this.for(topic) };
  }
}
