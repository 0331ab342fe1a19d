/** A main file of a child process. In the built program it is next to this chunk; from source, its built form is used. */
export function builtProgram(name: string): URL {
  return new URL(import.meta.url.endsWith(".ts") ? `../../dist/${name}.cjs` : `${name}.cjs`, import.meta.url);
}
