import { keepsSecrets } from "../support/keeps-secrets.ts";

const listen = [
  "listen",
  "--tunnel",
  "none",
  "--port",
  "0",
  "--trigger",
  "order",
  "--until",
  "order.filled",
  "--debug",
];

keepsSecrets(
  [
    [...listen, "--json"],
    [...listen, "--verbose"],
    ["register", "http://127.0.0.1:9/hooks", "--new", "--json", "--debug"],
    ["webhooks", "list", "--json", "--debug"],
    ["events", "show", "last", "--json"],
    ["trigger", "order", "--curl"],
    ["trigger", "order", "--dry-run"],
    ["promote", "http://insecure.example", "--debug"],
  ],
  2,
);
