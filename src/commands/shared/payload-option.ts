import { Option } from "commander";
import { PAYLOAD_FORMS } from "../../core/payload-form.ts";

/** The form of the payloads that a command sends. */
export function payloadOption(): Option {
  return new Option("--payload <form>", "form of the payload, by the field that names the event")
    .choices(PAYLOAD_FORMS)
    .default(PAYLOAD_FORMS[0]);
}
