// What the Model Context Protocol's server needs of its platform. This program asks an agent's user for nothing, so no
// answer must be validated with a JSON schema.
export { default as process } from "node:process";

export class DefaultJsonSchemaValidator {
  getValidator() {
    throw new Error("JSON schemas are not validated");
  }
}
