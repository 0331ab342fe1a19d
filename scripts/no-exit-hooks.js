// Stands in for the package `when-exit` in the bundle: the process's signals belong to src/main.ts alone.
export default () => () => {};
