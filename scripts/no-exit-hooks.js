// Replaces the package `when-exit` in the bundle: only src/main.ts handles the process's signals.
export default () => () => {};
