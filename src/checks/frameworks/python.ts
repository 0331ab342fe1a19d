import type { Framework } from "./framework.ts";

const django: Framework = {
  name: "django",
  title: "Django",
  signs: [
    {
      headers: {
        "x-frame-options": /^DENY$/,
        "referrer-policy": /^same-origin$/,
        "x-content-type-options": /^nosniff$/,
      },
    },
    {
      body: /You're seeing this error because you have <code>DEBUG = True|csrfmiddlewaretoken|CSRF verification failed\. Request aborted\./,
    },
  ],
  remedies: {
    bodyLimit: "Set DATA_UPLOAD_MAX_MEMORY_SIZE to 1024 * 1024 or more in the settings.",
    rawBody: "Verify request.body, the bytes, before json.loads, and never json.dumps of the parsed body.",
    contentType: "Return HttpResponse(status=415) unless request.content_type == 'application/json'.",
    emptyBody: "Catch the ValueError of json.loads and return HttpResponse(status=400).",
    malformedJson: "Catch the ValueError of json.loads and return HttpResponse(status=400).",
    csrf: "Decorate the view with @csrf_exempt from django.views.decorators.csrf: the signature replaces the token.",
  },
};

const fastapi: Framework = {
  name: "fastapi",
  title: "FastAPI",
  signs: [{ headers: { server: /^uvicorn/ } }, { headers: { server: /^hypercorn/ }, body: /^\{"detail":/ }],
  remedies: {
    bodyLimit: "FastAPI has no limit of its own: raise that of a middleware or of the proxy.",
    rawBody:
      "Declare request: Request and no model, and verify await request.body() before json.loads, never json.dumps of the parsed body.",
    contentType: "Return Response(status_code=415) unless the content type begins with application/json.",
    emptyBody: "Catch the ValueError of json.loads and return Response(status_code=400).",
    malformedJson: "Catch the ValueError of json.loads and return Response(status_code=400).",
    csrf: "Add the webhook's path to the guard's exempt URLs, which are exempt_urls in starlette-csrf: the signature replaces the token.",
  },
};

const aiohttp: Framework = {
  name: "aiohttp",
  title: "aiohttp",
  signs: [{ headers: { server: /\baiohttp\// } }],
  remedies: {
    bodyLimit: "Create the app with web.Application(client_max_size=2 * 1024**2).",
    rawBody: "Verify await request.read(), the bytes, before json.loads, and never json.dumps of the parsed body.",
    contentType: "Raise web.HTTPUnsupportedMediaType() unless request.content_type == 'application/json'.",
    emptyBody: "Catch the ValueError of json.loads or request.json() and raise web.HTTPBadRequest().",
    malformedJson: "Catch the ValueError of json.loads or request.json() and raise web.HTTPBadRequest().",
  },
};

const tornado: Framework = {
  name: "tornado",
  title: "Tornado",
  signs: [{ headers: { server: /^TornadoServer/ } }],
  remedies: {
    bodyLimit: "Raise max_body_size of the HTTPServer, or max_buffer_size, to 1 MB or more.",
    rawBody: "Verify self.request.body, the bytes, before json.loads, and never json.dumps of the parsed body.",
    contentType: "Raise tornado.web.HTTPError(415) unless the content type begins with application/json.",
    emptyBody: "Catch the ValueError of json.loads and raise tornado.web.HTTPError(400).",
    malformedJson: "Catch the ValueError of json.loads and raise tornado.web.HTTPError(400).",
    csrf: "Override check_xsrf_cookie of the webhook's handler with a method that does nothing.",
  },
};

const bottle: Framework = {
  name: "bottle",
  title: "Bottle",
  signs: [
    { body: /^\s*<!DOCTYPE HTML PUBLIC "-\/\/IETF\/\/DTD HTML 2\.0\/\/EN">\s*<html>\s*<head>\s*<title>Error: \d{3} / },
  ],
  remedies: {
    bodyLimit: "Set bottle.BaseRequest.MEMFILE_MAX = 1024 * 1024, the limit of request.json.",
    rawBody: "Verify request.body.read(), the bytes, before json.loads, and never json.dumps of request.json.",
    contentType: "request.json is None then: call abort(415) unless the content type begins with application/json.",
    emptyBody: "request.json is None then: call abort(400).",
    malformedJson: "Catch the ValueError of json.loads and call abort(400), in place of request.json.",
  },
};

const falcon: Framework = {
  name: "falcon",
  title: "Falcon",
  signs: [{ body: /^\{"title": "(?:\d{3} |Invalid JSON")/ }],
  remedies: {
    bodyLimit: "Falcon has no limit of its own: raise that of the server or proxy.",
    rawBody: "Verify req.bounded_stream.read(), the bytes, before json.loads, in place of req.media.",
    contentType: "Raise falcon.HTTPUnsupportedMediaType() unless the content type begins with application/json.",
    emptyBody: "Catch the ValueError of json.loads and raise falcon.HTTPBadRequest().",
    malformedJson: "Catch the ValueError of json.loads and raise falcon.HTTPBadRequest().",
  },
};

/** After FastAPI, which can run on the same server. */
const quart: Framework = {
  name: "quart",
  title: "Quart",
  signs: [{ headers: { server: /^hypercorn/ }, body: /^<!doctype html>\s*<html lang="?en"?>/i }],
  remedies: {
    bodyLimit: "Set app.config['MAX_CONTENT_LENGTH'] to 1024 * 1024 or more.",
    rawBody: "Verify await request.get_data(), the bytes, before json.loads, and never json.dumps of the parsed body.",
    contentType: "get_json() is None then: return '', 415 unless request.mimetype == 'application/json'.",
    emptyBody: "Catch the ValueError of json.loads and return '', 400.",
    malformedJson: "Catch the ValueError of json.loads and return '', 400.",
  },
};

const flask: Framework = {
  name: "flask",
  title: "Flask",
  signs: [
    { headers: { server: /^Werkzeug/ } },
    { body: /^<!doctype html>\s*<html lang="?en"?>\s*<title>(\d{3} [^<]*)<\/title>\s*<h1>/i },
  ],
  remedies: {
    bodyLimit: "Set app.config['MAX_CONTENT_LENGTH'] to 1024 * 1024 or more.",
    rawBody: "Verify request.get_data(), the bytes, before json.loads, and never json.dumps of the parsed body.",
    contentType: "Return '', 415 unless request.mimetype == 'application/json': get_json(force=True) ignores it.",
    emptyBody: "Catch the ValueError of json.loads and return '', 400: get_json(silent=True) returns None.",
    malformedJson: "Catch the ValueError of json.loads and return '', 400: get_json(silent=True) returns None.",
    csrf: "Decorate the view with @csrf.exempt of Flask-WTF: the signature replaces the token.",
  },
};

export const PYTHON_FRAMEWORKS: readonly Framework[] = [
  django,
  fastapi,
  aiohttp,
  tornado,
  bottle,
  falcon,
  quart,
  flask,
];
