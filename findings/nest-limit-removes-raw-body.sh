#!/usr/bin/env bash
# NestJS keeps the bytes of a body for signatures with `rawBody: true`, and refuses bodies over 100 kB.
#
# Guess: `app.use(express.json({ limit }))` of Express raises the limit and changes nothing else.
# Seen:  the limit is raised, and `request.rawBody` is missing for every delivery, also small ones, without a warning. Nest
#        omits its own parser when it finds another.
# So:    use `app.useBodyParser("json", { limit })`; test one signed delivery after each change of a limit.
set -euo pipefail

packages=(@nestjs/core@11.2.10 @nestjs/common@11.2.10 @nestjs/platform-express@11.2.10 express@5.3.0
  reflect-metadata@0.2.2 rxjs@7.8.2)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"

cat >finding.mjs <<'END'
import "reflect-metadata";
import { Controller, Module, Post, Req } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import express from "express";

class Receiver {
  receive(request) {
    return request.rawBody ? `${request.rawBody.length} raw bytes` : `rawBody is ${request.rawBody}`;
  }
}
Controller()(Receiver);
Post()(Receiver.prototype, "receive", Object.getOwnPropertyDescriptor(Receiver.prototype, "receive"));
Req()(Receiver.prototype, "receive", 0);
class App {}
Module({ controllers: [Receiver] })(App);

const limit = "1mb";
const changes = {
  "no limit set": () => {},
  "app.use(express.json({ limit }))": (app) => app.use(express.json({ limit })),
  'app.useBodyParser("json", { limit })': (app) => app.useBodyParser("json", { limit }),
};
for (const [name, change] of Object.entries(changes)) {
  const app = await NestFactory.create(App, { rawBody: true, logger: false });
  change(app);
  await app.listen(0, "127.0.0.1");
  for (const length of [20, 200_000]) {
    const answer = await fetch(`http://127.0.0.1:${app.getHttpServer().address().port}/`, {
      method: "POST",
      headers: { "content-type": "application/json", connection: "close" },
      body: JSON.stringify({ note: "x".repeat(length - 11) }),
    });
    console.log(`${name}, body of ${length}: ${answer.ok ? await answer.text() : answer.status}`);
  }
  await app.close();
}
END

cat >expected.txt <<'END'
no limit set, body of 20: 20 raw bytes
no limit set, body of 200000: 413
app.use(express.json({ limit })), body of 20: rawBody is undefined
app.use(express.json({ limit })), body of 200000: rawBody is undefined
app.useBodyParser("json", { limit }), body of 20: 20 raw bytes
app.useBodyParser("json", { limit }), body of 200000: 200000 raw bytes
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
