#!/usr/bin/env bash
# An Express middleware refuses a request with `next(error)`, and the error has a status.
#
# Guess: the answer has this status, in Express and in NestJS, which runs on Express; and an Error is at least as good as a plain
#        object with the same fields.
# Seen:  NestJS 11 and Express answer 403. NestJS 12 answers 500 to the Error, and 403 to the plain object. An Error keeps its
#        status only if it also has `expose`, as those of the package http-errors do.
# So:    throw errors of http-errors, or HttpException; after an upgrade to NestJS 12 test what each middleware refuses. A sender
#        of webhooks repeats a delivery after a 500.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat >"$folder/finding.mjs" <<'END'
import "reflect-metadata";
import { Module } from "@nestjs/common";
import { NestFactory } from "@nestjs/core";
import express from "express";

const fields = { status: 403, statusCode: 403 };
const refusals = {
  "an Error with status and statusCode": () => Object.assign(new Error("no token"), fields),
  "an Error with expose as well": () => Object.assign(new Error("no token"), fields, { expose: true }),
  "a plain object": () => ({ message: "no token", ...fields }),
};
class App {}
Module({})(App);

async function statusOf(listen, refusal) {
  const server = await listen((_request, _response, next) => next(refusal()));
  const answer = await fetch(`http://127.0.0.1:${server.address().port}/`, { method: "POST" });
  await answer.text();
  server.closeAllConnections();
  server.close();
  return answer.status;
}

const servers = {
  NestJS: async (middleware) => {
    const app = await NestFactory.create(App, { logger: false });
    app.use(middleware);
    await app.listen(0, "127.0.0.1");
    return app.getHttpServer();
  },
  Express: (middleware) =>
    new Promise((resolve) => {
      const server = express().set("env", "test").use(middleware).listen(0, "127.0.0.1", () => resolve(server));
    }),
};
for (const [what, refusal] of Object.entries(refusals)) {
  const statuses = [];
  for (const [name, listen] of Object.entries(servers)) statuses.push(`${name} ${await statusOf(listen, refusal)}`);
  console.log(`${what}: ${statuses.join(", ")}`);
}
process.exit();
END

cat >"$folder/expected.txt" <<'END'
NestJS 11.2.10
an Error with status and statusCode: NestJS 403, Express 403
an Error with expose as well: NestJS 403, Express 403
a plain object: NestJS 403, Express 403
NestJS 12.5.1
an Error with status and statusCode: NestJS 500, Express 403
an Error with expose as well: NestJS 403, Express 403
a plain object: NestJS 403, Express 403
END

for version in 11.2.10 12.5.1; do
  mkdir "$folder/$version"
  cd "$folder/$version"
  npm init -y >/dev/null
  npm install --silent --no-audit --no-fund --ignore-scripts "@nestjs/core@$version" "@nestjs/common@$version" \
    "@nestjs/platform-express@$version" express@5.3.0 reflect-metadata@0.2.2 rxjs@7.8.2
  cp ../finding.mjs .
  echo "NestJS $version" >>../seen.txt
  timeout 50 node finding.mjs >>../seen.txt
done

cd "$folder"
printf 'Node.js %s, express 5.3.0\n\n' "$(node --version)"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
