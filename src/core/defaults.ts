/** The default ports of `listen` and of an emulator. */
export const LISTEN_PORT = 4600;
export const EMULATOR_PORT = 4650;

/** The default path of the listener, and of an app that is given by its port alone. */
export const DELIVERY_PATH = "/webhooks/bluum";

/** The events of a new webhook. */
export const DEFAULT_EVENTS = ["order.*", "transfer.*"] as const;

/** Endpoints in examples and hints: a local app, and a deployed one. */
export const LOCAL_EXAMPLE = `http://localhost:3000${DELIVERY_PATH}`;
export const DEPLOYED_EXAMPLE = `https://app.example${DELIVERY_PATH}`;
