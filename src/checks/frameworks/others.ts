import type { Framework } from "./framework.ts";

const sinatra: Framework = {
  name: "sinatra",
  title: "Sinatra",
  signs: [
    { headers: { "x-xss-protection": /^1; mode=block$/, "x-frame-options": /^SAMEORIGIN$/ }, without: ["x-runtime"] },
    { body: /Sinatra doesn.t know this ditty/ },
  ],
  remedies: {
    bodyLimit: "Sinatra has no limit of its own: raise that of the server or proxy.",
    rawBody: "Verify request.body.read, the bytes, before JSON.parse. If a middleware has read it, call rewind first.",
    contentType: "Call halt 415 unless request.media_type == 'application/json'.",
    emptyBody: "Rescue JSON::ParserError and call halt 400.",
    malformedJson: "Rescue JSON::ParserError and call halt 400.",
    csrf: "Exempt the webhook's path with allow_if of Rack::Protection::AuthenticityToken.",
  },
};

const rails: Framework = {
  name: "rails",
  title: "Rails",
  signs: [
    { headers: { "x-runtime": /^\d+\.\d+$/, "x-request-id": /./ } },
    { body: /Action Controller: Exception caught|ActionController::|ActionDispatch::/ },
  ],
  remedies: {
    bodyLimit: "Rails has no limit of its own: raise that of the server or proxy.",
    rawBody: "Verify request.raw_post, and not params or params.to_json.",
    contentType: "Call head :unsupported_media_type unless request.media_type == 'application/json'.",
    emptyBody: "Call head :bad_request if request.raw_post is empty.",
    malformedJson:
      "Rescue JSON::ParserError and call head :bad_request. params raises ActionDispatch::Http::Parameters::ParseError, which Rails answers with 400.",
    csrf: "Add skip_forgery_protection to the webhook's controller: the signature replaces the token.",
  },
};

/** Before PHP, which Laravel uses. */
const laravel: Framework = {
  name: "laravel",
  title: "Laravel",
  signs: [
    { headers: { "set-cookie": /^(?:laravel[_-]session|XSRF-TOKEN)=/ } },
    { body: /Illuminate\\|<title>Page Expired/ },
  ],
  remedies: {
    bodyLimit: "Raise post_max_size in php.ini, which Laravel checks, and the limit of the web server.",
    rawBody: "Verify $request->getContent(), and not $request->all().",
    contentType: "Call abort(415) unless $request->isJson().",
    emptyBody: "Call abort(400) unless is_array(json_decode($request->getContent(), true)).",
    malformedJson: "Nothing is thrown: call abort(400) unless is_array(json_decode($request->getContent(), true)).",
    csrf: "Move the route to routes/api.php, or add its path to $middleware->validateCsrfTokens(except: […]) in bootstrap/app.php.",
  },
};

const php: Framework = {
  name: "php",
  title: "PHP",
  signs: [{ headers: { "x-powered-by": /^PHP\// } }],
  remedies: {
    bodyLimit:
      "PHP does not limit php://input: raise the limit of the web server, such as client_max_body_size in nginx.",
    rawBody: "Verify file_get_contents('php://input') before json_decode, and never json_encode of the result.",
    contentType: "Call http_response_code(415) and exit unless $_SERVER['CONTENT_TYPE'] begins with application/json.",
    emptyBody: "json_decode returns null: call http_response_code(400) and exit unless the result is an array.",
    malformedJson:
      "json_decode throws nothing and returns null: call http_response_code(400) and exit unless the result is an array.",
    csrf: "Answer the webhook before the code that compares the session's token: the signature replaces the token.",
  },
};

const go: Framework = {
  name: "go",
  title: "Go",
  signs: [
    { body: /^404 page not found\n$/ },
    {
      headers: { "x-content-type-options": /^nosniff$/, "content-type": /^text\/plain; charset=utf-8$/ },
      without: ["server", "x-powered-by", "x-frame-options", "content-security-policy", "etag"],
      body: /\n$/,
    },
  ],
  remedies: {
    bodyLimit: "Raise the limit of http.MaxBytesReader to 1 << 20 or more: net/http itself has none.",
    rawBody: "Read the bytes once with io.ReadAll(r.Body), verify them, then call json.Unmarshal on the same bytes.",
    contentType:
      "Answer http.StatusUnsupportedMediaType unless mime.ParseMediaType of the Content-Type header is application/json.",
    emptyBody: "Answer http.StatusBadRequest and return if json.Unmarshal returns an error.",
    malformedJson: "Answer http.StatusBadRequest and return if json.Unmarshal returns an error.",
    csrf: "Register the webhook's handler outside the guard, which wraps the other routes only: the signature replaces the token.",
  },
};

const spring: Framework = {
  name: "spring",
  title: "Spring",
  signs: [
    { body: /^\{"timestamp":[^]*"status":\d{3},"error":"[^]*"path":"/ },
    { body: /<h1>Whitelabel Error Page<\/h1>/ },
  ],
  remedies: {
    bodyLimit: "Raise spring.codec.max-in-memory-size in WebFlux (256 KB), or the limit of the server or proxy.",
    rawBody: "Declare @RequestBody byte[] body and verify it before objectMapper.readTree(body).",
    contentType: "Add consumes = MediaType.APPLICATION_JSON_VALUE to @PostMapping: Spring then answers 415.",
    emptyBody: "Return ResponseEntity.badRequest().build() if the body has no bytes.",
    malformedJson: "Catch JsonProcessingException and return ResponseEntity.badRequest().build().",
    csrf: "Exempt the webhook's path with http.csrf(csrf -> csrf.ignoringRequestMatchers(…)).",
  },
};

export const OTHER_FRAMEWORKS: readonly Framework[] = [spring, rails, sinatra, laravel, php, go];
