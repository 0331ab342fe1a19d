#!/usr/bin/env bash
# Inbound mail comes as a webhook: multipart/form-data with the text of the mail in a field (SendGrid, Mailgun and others).
#
# Guess: a field that is too large is an error, as a body that is too large is one.
# Seen:  @fastify/multipart with `attachFieldsToBody` gives the handler the first 1,048,576 bytes and answers 200, also with a
#        larger `bodyLimit`. It is busboy's default `fieldSize`; busboy says so only in `valueTruncated`, which a handler that
#        reads values does not see. multer makes it an error (500, if nobody handles it); formidable and Hono give all of it.
# So:    half a mail is stored, and the sender hears that all is well. Set `limits.fieldSize`, and refuse what is truncated.
set -euo pipefail

packages=(fastify@5.12.8 @fastify/multipart@10.1.9 busboy@1.6.0 express@5.3.0 multer@2.5.0 formidable@3.5.4 hono@4.13.19 @hono/node-server@2.1.9)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts "${packages[@]}"

cat >finding.mjs <<'END'
import { createServer } from "node:http";
import multipart from "@fastify/multipart";
import { getRequestListener } from "@hono/node-server";
import busboy from "busboy";
import express from "express";
import Fastify from "fastify";
import formidable from "formidable";
import { Hono } from "hono";
import multer from "multer";

const size = 1_200_000;
const listen = async (listener) => {
  const server = createServer(listener);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${server.address().port}`;
};
const fastify = async (limits) => {
  const app = Fastify({ bodyLimit: 10_000_000 });
  await app.register(multipart, { attachFieldsToBody: "keyValues", limits });
  app.post("/", (request) => `${request.body.text.length}`);
  return app.listen({ port: 0, host: "127.0.0.1" });
};
const apps = {
  "@fastify/multipart": await fastify({}),
  "@fastify/multipart, fieldSize 10 MB": await fastify({ fieldSize: 10_000_000 }),
  busboy: await listen((request, response) => {
    const form = busboy({ headers: request.headers });
    request.pipe(form.on("field", (_name, value) => response.end(`${value.length}`)));
  }),
  multer: await listen(
    express()
      .post("/", multer().none(), (request, response) => response.send(`${request.body.text.length}`))
      .use((error, _request, response, _next) => response.status(error.status ?? 500).send(error.code)),
  ),
  formidable: await listen(async (request, response) => {
    const [fields] = await formidable().parse(request);
    response.end(`${fields.text[0].length}`);
  }),
  hono: await listen(
    getRequestListener(new Hono().post("/", async (c) => c.text(`${(await c.req.parseBody()).text.length}`)).fetch),
  ),
};
for (const [name, url] of Object.entries(apps)) {
  const body = new FormData();
  body.append("text", "x".repeat(size));
  const answer = await fetch(url, { method: "POST", body });
  console.log(`${name}: ${answer.status}, ${await answer.text()} of ${size}`);
}
process.exit();
END

cat >expected.txt <<'END'
@fastify/multipart: 200, 1048576 of 1200000
@fastify/multipart, fieldSize 10 MB: 200, 1200000 of 1200000
busboy: 200, 1048576 of 1200000
multer: 500, LIMIT_FIELD_VALUE of 1200000
formidable: 200, 1200000 of 1200000
hono: 200, 1200000 of 1200000
END

timeout 50 node finding.mjs >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "${packages[*]}"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
