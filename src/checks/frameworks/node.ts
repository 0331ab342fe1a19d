import type { Framework } from "./framework.ts";

/** Before Express, which NestJS uses by default. */
const nestjs: Framework = {
  name: "nestjs",
  title: "NestJS",
  signs: [
    { headers: { "x-powered-by": /^Express$/ }, body: /^\{(?=.*"statusCode":\d)(?=.*"message":)/ },
    { body: /^\{"message":"Cannot [A-Z]+ [^"]*","error":"Not Found","statusCode":404\}/ },
  ],
  remedies: {
    bodyLimit:
      "Call app.useBodyParser('json', { limit: '1mb' }). A parser added with app.use(express.json(…)) would leave rawBody undefined.",
    rawBody:
      "Create the app with NestFactory.create(AppModule, { rawBody: true }) and verify request.rawBody. It stays undefined if a parser is added with app.use: call app.useBodyParser instead.",
    contentType:
      "Forms are parsed by default: throw UnsupportedMediaTypeException unless request.is('application/json').",
    emptyBody: "The body is {} then: throw BadRequestException if request.rawBody is undefined or has no bytes.",
    malformedJson:
      "NestJS answers 400 by itself, unless an exception filter changes the status. If you parse rawBody, catch the error and throw BadRequestException.",
    csrf: "Exclude the webhook's route from the guard, with consumer.apply(…).exclude(…) if it is a middleware: the signature replaces the token.",
  },
};

const nextjs: Framework = {
  name: "nextjs",
  title: "Next.js",
  signs: [{ headers: { "x-powered-by": /^Next\.js/ } }, { headers: { vary: /next-router-state-tree/i } }],
  remedies: {
    bodyLimit:
      "A route handler has no limit of its own: raise that of the platform or proxy. In pages/api set api: { bodyParser: false } in config, and read the stream.",
    rawBody:
      "Verify Buffer.from(await request.arrayBuffer()) before JSON.parse, with Object.fromEntries(request.headers). In pages/api set api: { bodyParser: false } in config, and read the stream.",
    contentType:
      "Return new Response(null, { status: 415 }) unless request.headers.get('content-type') begins with application/json.",
    emptyBody: "Catch the error of JSON.parse or request.json() and return new Response(null, { status: 400 }).",
    malformedJson: "Catch the error of JSON.parse or request.json() and return new Response(null, { status: 400 }).",
    csrf: "Exclude the webhook's path from the matcher of proxy.ts, which is middleware.ts before Next.js 16: the signature replaces the token.",
  },
};

const adonisjs: Framework = {
  name: "adonisjs",
  title: "AdonisJS",
  signs: [{ headers: { "set-cookie": /^adonis-session/ } }, { body: /\bE_(?:ROUTE_NOT_FOUND|BAD_CSRF_TOKEN)\b/ }],
  remedies: {
    bodyLimit: "Set json.limit and raw.limit to '1mb' in config/bodyparser.ts.",
    rawBody: "Verify request.raw(), the text of the body, and not request.body().",
    contentType: "Forms are parsed by default: call response.unsupportedMediaType() unless request.is(['json']).",
    emptyBody: "The body is {} then: call response.badRequest() if request.raw() is null or empty.",
    malformedJson:
      "AdonisJS answers 400 by itself, unless app/exceptions/handler.ts changes the status. If you parse request.raw(), catch the error and call response.badRequest().",
    csrf: "Add the webhook's path to csrf.exceptRoutes in config/shield.ts.",
  },
};

const fastify: Framework = {
  name: "fastify",
  title: "Fastify",
  signs: [{ body: /^\{"statusCode":\d+,"code":"FST_/ }, { body: /^\{"message":"Route [A-Z]+:/ }],
  remedies: {
    bodyLimit: "Set bodyLimit: 1_048_576 on the route or the server.",
    rawBody:
      "Keep the bytes with addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body)), after removeAllContentTypeParsers(), and verify request.body.",
    contentType:
      "A parser for '*' accepts every type: answer reply.code(415) unless request.headers['content-type'] begins with application/json.",
    emptyBody: "Answer reply.code(400) if the body has no bytes: a parser of your own gets them too.",
    malformedJson: "Catch the error of JSON.parse and answer reply.code(400).",
    csrf: "Add app.csrfProtection to the hooks of other routes, and not to those of the webhook's: the signature replaces the token.",
  },
};

const hapi: Framework = {
  name: "hapi",
  title: "hapi",
  signs: [{ headers: { "cache-control": /^no-cache$/ }, body: /^\{"statusCode":\d+,"error":"[^"]*","message":/ }],
  remedies: {
    bodyLimit: "Set payload: { maxBytes: 1_048_576 } in the route's options.",
    rawBody: "Set payload: { parse: false, output: 'data' } in the route's options, and verify request.payload.",
    contentType: "Set payload: { allow: 'application/json' } in the route's options: hapi then answers 415.",
    emptyBody: "The payload is null or has no bytes: throw Boom.badRequest().",
    malformedJson: "With parse: false, catch the error of JSON.parse and throw Boom.badRequest().",
  },
};

const h3: Framework = {
  name: "h3",
  title: "h3",
  signs: [
    { body: /^\{"status":\d+,"unhandled":true,"message":"HTTPError"/ },
    { body: /^\{"status":400,"statusText":"Bad Request","message":"Invalid JSON body"\}/ },
    { body: /"(?:message|statusMessage)":"Cannot find any (?:route|path) matching / },
  ],
  remedies: {
    bodyLimit: "h3 has no limit of its own: raise that of bodyLimit(), of the server or of the proxy.",
    rawBody:
      "Verify Buffer.from(await event.req.arrayBuffer()), or readRawBody(event, false) in h3 1, before readBody; pass Object.fromEntries(event.req.headers).",
    contentType: "Throw new HTTPError({ status: 415 }) unless the content type begins with application/json.",
    emptyBody: "The body is undefined then: throw new HTTPError({ status: 400 }).",
    malformedJson: "Catch the error of the parser and throw new HTTPError({ status: 400 }).",
  },
};

const hono: Framework = {
  name: "hono",
  title: "Hono",
  signs: [
    { headers: { "content-type": /^text\/plain; charset=UTF-8$/ }, body: /^(?:404 Not Found|Internal Server Error)$/ },
  ],
  remedies: {
    bodyLimit: "Raise maxSize of bodyLimit(): Hono itself has no limit.",
    rawBody:
      "Verify Buffer.from(await c.req.arrayBuffer()) before anything parses it, with c.req.header(), which is a plain object.",
    contentType: "Return c.body(null, 415) unless c.req.header('content-type') begins with application/json.",
    emptyBody: "Catch the error of JSON.parse or c.req.json() and return c.body(null, 400).",
    malformedJson: "Catch the error of JSON.parse or c.req.json() and return c.body(null, 400).",
    csrf: "Add the guard to other paths only, such as app.use('/account/*', guard): the signature replaces the token. Hono's own csrf() refuses forms only.",
  },
};

const koa: Framework = {
  name: "koa",
  title: "Koa",
  signs: [],
  remedies: {
    bodyLimit: "Set jsonLimit: '1mb' in koa-bodyparser or koa-body.",
    rawBody:
      "Verify ctx.request.rawBody (koa-bodyparser), or the unparsed body of koa-body({ includeUnparsed: true }).",
    contentType:
      "Forms are parsed by default: set enableTypes: ['json'] in koa-bodyparser, or urlencoded: false in koa-body, and answer 415 unless ctx.is('application/json').",
    emptyBody: "The body is {} then: answer 400 if the raw body is empty.",
    malformedJson: "The parser throws an error with status 400: do not change the status in your error handler.",
  },
};

const express: Framework = {
  name: "express",
  title: "Express",
  signs: [{ headers: { "x-powered-by": /^Express$/ } }, { body: /<title>Error<\/title>[^]*<pre>Cannot [A-Z]+ / }],
  remedies: {
    bodyLimit: "Set the parser's limit for this route: express.raw({ type: () => true, limit: '1mb' }).",
    rawBody:
      "Use express.raw({ type: () => true, limit: '1mb' }) for this route, before app.use(express.json()), and verify request.body, which is then a Buffer.",
    contentType: "Answer 415 unless request.is('application/json').",
    emptyBody: "Answer 400 if request.body is not a Buffer or has no bytes: express.json() makes {} of it.",
    malformedJson:
      "Catch the error of JSON.parse and answer 400. That of express.json() has the status 400: keep it in your error handler.",
    csrf: "Register the webhook's route before app.use of the guard: the signature replaces the token.",
  },
};

export const NODE_FRAMEWORKS: readonly Framework[] = [nestjs, nextjs, adonisjs, fastify, hapi, h3, hono, koa, express];
