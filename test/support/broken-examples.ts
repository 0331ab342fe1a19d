import type { Edit } from "./example.ts";

/** Mistakes that people make in handlers; each example has them after one edit. */
export const MISTAKES = ["data.id", "reserialized", "wrong secret", "CSRF guard", "limit"] as const;
export type Mistake = (typeof MISTAKES)[number];

interface Broken {
  readonly edit: Edit;
  /** What `check` must say first. */
  readonly explained: RegExp;
}

type Mistakes = Readonly<Record<Mistake, Broken>>;

const broken = (file: string, from: string, to: string, explained: RegExp): Broken => ({
  edit: { file, from, to },
  explained,
});

const DROPPED = /^order\.accepted-then-filled: Do not deduplicate on data\.id alone: /;
/** The app's secret is another one, and it answers 400 to a wrong signature. */
const SECRET =
  /^The handler refuses everything: .* \(400 in [^)]*\)\. Check that BLUUM_WEBHOOK_SECRET is the endpoint's secret/;
/** The beginning of a fix, in the terms of the framework. */
const written = (how: string, fix: string) =>
  new RegExp(`because it does not verify the raw body, but the JSON re-serialized ${how}\\. ${fix}`);
const rawBytes = (fix: string) => new RegExp(`^signature\\.raw-bytes: ${fix}`);
const guard = (fix: string) => new RegExp(`^A CSRF guard refuses every delivery \\(.*\\)\\. ${fix}`);
const tooLarge = (fix: string) => new RegExp(`^robustness\\.large-body: ${fix}`);

/** The mistakes in the file that examples on Node.js share. */
const inInbox = (file: string): Pick<Mistakes, "data.id" | "wrong secret"> => ({
  "data.id": broken(
    file,
    'const own = event.id ?? event.event_id ?? headers["webhook-id"];',
    'const own = event.data?.["id"] ?? event.data?.["order_id"];',
    DROPPED,
  ),
  "wrong secret": broken(
    file,
    "if (!this.#isSignedByBluum(headers, body)) return 401;",
    "if (!this.#isSignedByBluum(headers, body)) return 400;",
    SECRET,
  ),
});

const inPython = (file: string, own: string, refusal: readonly [from: string, to: string]) => ({
  "data.id": broken(file, own, 'own = event["data"]["id"]', DROPPED),
  "wrong secret": broken(file, ...refusal, SECRET),
});

const PYTHON_OWN = 'own = event.get("id") or event.get("event_id") or headers.get("webhook-id")';
const inPythonInbox = inPython("inbox.py", PYTHON_OWN, ["return 401", "return 400"]);

/** As the packages csurf and csrf-csrf refuse a request. */
const NO_TOKEN = 'Object.assign(new Error("invalid csrf token"), { status: 403, statusCode: 403, expose: true })';

/** Hono's own guard refuses forms only, so that it is no mistake: a delivery is JSON. */
export const HONO_GUARD: Edit = {
  file: "server.js",
  from: "const app = new Hono();",
  to: 'import { csrf } from "hono/csrf"; const app = new Hono().use(csrf());',
};

export const BROKEN: Readonly<Record<string, Mistakes>> = {
  express: {
    ...inInbox("inbox.js"),
    reserialized: broken(
      "server.js",
      "const body = request.body ?? Buffer.alloc(0);",
      "const body = Buffer.from(JSON.stringify(JSON.parse(request.body)));",
      rawBytes("Express: Use express\\.raw"),
    ),
    "CSRF guard": broken(
      "server.js",
      "const app = express();",
      `const app = express().use((request, _response, next) => next(request.method === "GET" ? undefined : ${NO_TOKEN}));`,
      guard("Express: Register the webhook's route before app\\.use of the guard"),
    ),
    limit: broken("server.js", 'limit: "1mb"', 'limit: "100kb"', tooLarge("Express: Set the parser's limit")),
  },
  fastify: {
    ...inInbox("inbox.js"),
    reserialized: broken(
      "server.js",
      "const body = request.body ?? Buffer.alloc(0);",
      "const body = Buffer.from(JSON.stringify(JSON.parse(request.body)));",
      rawBytes("Fastify: Keep the bytes with addContentTypeParser"),
    ),
    "CSRF guard": broken(
      "server.js",
      "const app = Fastify();",
      // As @fastify/csrf-protection refuses a request.
      `const app = Fastify().addHook("onRequest", async (request) => {
        if (request.method === "POST") throw Object.assign(new Error("Missing csrf secret"), { statusCode: 403, code: "FST_CSRF_MISSING_SECRET" });
      });`,
      guard("Fastify: Add app\\.csrfProtection to the hooks of other routes"),
    ),
    limit: broken("server.js", "bodyLimit: 1_048_576", "bodyLimit: 102_400", tooLarge("Fastify: Set bodyLimit")),
  },
  hono: {
    ...inInbox("inbox.js"),
    reserialized: broken(
      "server.js",
      "const body = Buffer.from(await c.req.arrayBuffer());",
      "const body = Buffer.from(JSON.stringify(await c.req.json()));",
      rawBytes("Hono: Verify Buffer\\.from\\(await c\\.req\\.arrayBuffer\\(\\)\\)"),
    ),
    // A guard that compares a token, as an app with a session has it; Hono has none of its own.
    "CSRF guard": broken(
      "server.js",
      "const app = new Hono();",
      `const app = new Hono().use(async (c, next) =>
        c.req.method === "GET" || c.req.header("x-csrf-token") ? next() : c.text("invalid CSRF token", 403));`,
      guard("Exempt the webhook's path from it"),
    ),
    limit: broken("server.js", "maxSize: 1_048_576", "maxSize: 102_400", tooLarge("Hono: Raise maxSize of bodyLimit")),
  },
  nestjs: {
    ...inInbox("src/inbox.ts"),
    reserialized: broken(
      "src/webhooks.controller.ts",
      "const body = request.rawBody ?? Buffer.alloc(0);",
      "const body = Buffer.from(JSON.stringify(request.body));",
      rawBytes("NestJS: Create the app with NestFactory\\.create\\(AppModule, \\{ rawBody: true \\}\\)"),
    ),
    "CSRF guard": broken(
      "src/main.ts",
      'app.useBodyParser("json", { limit: "1mb" });',
      `app.useBodyParser("json", { limit: "1mb" }); app.use((request: any, _: any, next: any) => next(request.method === "GET" ? undefined : ${NO_TOKEN}));`,
      guard("NestJS: Exclude the webhook's route from the guard"),
    ),
    limit: broken("src/main.ts", 'limit: "1mb"', 'limit: "100kb"', tooLarge("NestJS: Call app\\.useBodyParser")),
  },
  nextjs: {
    ...inInbox("lib/inbox.ts"),
    reserialized: broken(
      "app/webhooks/bluum/route.ts",
      "const body = Buffer.from(await request.arrayBuffer());",
      "const body = Buffer.from(JSON.stringify(await request.json()));",
      rawBytes("Next\\.js: Verify Buffer\\.from\\(await request\\.arrayBuffer\\(\\)\\)"),
    ),
    "CSRF guard": broken(
      "app/webhooks/bluum/route.ts",
      "const body = Buffer.from(await request.arrayBuffer());",
      'if (!request.headers.get("x-csrf-token")) return new Response("Invalid CSRF token", { status: 403 }); const body = Buffer.from(await request.arrayBuffer());',
      guard("Next\\.js: Exclude the webhook's path from the matcher"),
    ),
    limit: broken(
      "app/webhooks/bluum/route.ts",
      "const MAX_BODY = 1_048_576;",
      "const MAX_BODY = 102_400;",
      tooLarge("Next\\.js: A route handler has no limit of its own"),
    ),
  },
  flask: {
    ...inPythonInbox,
    reserialized: broken(
      "app.py",
      "body = request.stream.read(MAX_BODY + 1)",
      "body = app.json.dumps(request.get_json()).encode()",
      written("with spaces and sorted keys, as Flask does", "Flask: Verify request\\.get_data\\(\\)"),
    ),
    "CSRF guard": broken(
      "app.py",
      "app = Flask(__name__)",
      'from flask_wtf import CSRFProtect; app = Flask(__name__); app.secret_key = "a"; CSRFProtect(app)',
      guard("Flask: Decorate the view with @csrf\\.exempt"),
    ),
    limit: broken(
      "app.py",
      "MAX_BODY = 1024 * 1024",
      "MAX_BODY = 100 * 1024",
      tooLarge("Flask: Set app\\.config\\['MAX_CONTENT_LENGTH'\\]"),
    ),
  },
  django: {
    ...inPython("webhooks/views.py", PYTHON_OWN, ["status=401", "status=400"]),
    reserialized: broken(
      "webhooks/views.py",
      "body = request.body\n",
      "body = json.dumps(json.loads(request.body)).encode()\n",
      written("with spaces, as Python does", "Django: Verify request\\.body, the bytes"),
    ),
    "CSRF guard": broken(
      "webhooks/views.py",
      "@csrf_exempt\n",
      "\n",
      guard("Django: Decorate the view with @csrf_exempt"),
    ),
    limit: broken(
      "config/settings.py",
      "DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024",
      "DATA_UPLOAD_MAX_MEMORY_SIZE = 100 * 1024",
      tooLarge("Django: Set DATA_UPLOAD_MAX_MEMORY_SIZE"),
    ),
  },
  fastapi: {
    ...inPythonInbox,
    reserialized: broken(
      "main.py",
      "body = await read_body(request)",
      "import json; body = json.dumps(await request.json()).encode()",
      written("with spaces, as Python does", "FastAPI: Declare request: Request and no model"),
    ),
    "CSRF guard": broken(
      "main.py",
      "body = await read_body(request)",
      // As the package starlette-csrf refuses a request.
      'if "x-csrftoken" not in request.headers: raise HTTPException(403, "CSRF token verification failed")',
      guard("FastAPI: Add the webhook's path to the guard's exempt URLs"),
    ),
    limit: broken("main.py", "1024 * 1024", "100 * 1024", tooLarge("FastAPI: FastAPI has no limit of its own")),
  },
  go: {
    "data.id": broken(
      "inbox.go",
      'own := firstOf(event.ID, event.EventID, headers.Get("webhook-id"))',
      "own := firstOf(event.Data.ID, event.Data.OrderID)",
      DROPPED,
    ),
    reserialized: broken(
      "main.go",
      "w.WriteHeader(inbox.receive(r.Header, body))",
      "var event any; json.Unmarshal(body, &event); body, _ = json.Marshal(event); w.WriteHeader(inbox.receive(r.Header, body))",
      written("with sorted keys, as Go does", "Go: Read the bytes once with io\\.ReadAll"),
    ),
    "wrong secret": broken("inbox.go", "return http.StatusUnauthorized", "return http.StatusBadRequest", SECRET),
    "CSRF guard": broken(
      "main.go",
      "// The signature covers the raw bytes: read them before anything parses them.",
      // As the package gorilla/csrf refuses a request.
      'if r.Header.Get("X-CSRF-Token") == "" { http.Error(w, "Forbidden - CSRF token not found in request", 403); return }',
      guard("Go: Register the webhook's handler outside the guard"),
    ),
    limit: broken(
      "main.go",
      "const maxBody = 1 << 20",
      "const maxBody = 100 << 10",
      tooLarge("Go: Raise the limit of http\\.MaxBytesReader"),
    ),
  },
  php: {
    "data.id": broken(
      "Inbox.php",
      "$own = $event['id'] ?? $event['event_id'] ?? $headers['webhook-id'] ?? null;",
      "$own = $event['data']['id'] ?? $event['data']['order_id'] ?? null;",
      DROPPED,
    ),
    reserialized: broken(
      "public/index.php",
      "$body = file_get_contents('php://input', false, null, 0, MAX_BODY + 1);",
      "$body = json_encode(json_decode(file_get_contents('php://input'), true));",
      rawBytes("PHP: Verify file_get_contents\\('php://input'\\) before json_decode"),
    ),
    "wrong secret": broken("Inbox.php", "return 401;", "return 400;", SECRET),
    "CSRF guard": broken(
      "public/index.php",
      "$headers = array_change_key_case(getallheaders());",
      "$headers = array_change_key_case(getallheaders()); if (!isset($headers['x-csrf-token'])) { http_response_code(403); exit('Invalid CSRF token'); }",
      guard("PHP: Answer the webhook before the code that compares the session's token"),
    ),
    limit: broken(
      "public/index.php",
      "const MAX_BODY = 1024 * 1024;",
      "const MAX_BODY = 100 * 1024;",
      tooLarge("PHP: PHP does not limit php://input"),
    ),
  },
};
