// Replaces `ajv`, `ajv-formats` and `semver` in the bundle: conf uses them for schemas and migrations, which this
// program does not use.
export function Ajv2020() {
  throw new Error("conf was opened with a schema");
}

export default {
  satisfies() {
    throw new Error("conf was opened with migrations");
  },
};
