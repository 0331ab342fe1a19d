#!/usr/bin/env bash
# A webhook handler in Django is developed with `manage.py runserver`. The sender, or a proxy that does not buffer requests, sends
# the body in chunks, without a length.
#
# Guess: the handler gets the body, or the server answers 411 Length Required.
# Seen:  the handler runs with an empty body, and what it answers is sent: 200, if it only stores. runserver is Python's wsgiref
#        with Django on top; both take the body's size from Content-Length alone, and know no chunks. So do the development
#        servers of other frameworks that use wsgiref.
# So:    a signature fails, or an empty event is stored, only behind such a proxy (caddy and haproxy pass chunks on, nginx with
#        `proxy_request_buffering off`). Develop with the server of production.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

skip() {
  echo "skipped: $1 is not installed, and Debian's package cannot be unpacked here"
  exit 77
}
python=/usr/bin/python3
"$python" -c "import django" 2>/dev/null || {
  {
    apt-get download python3-django python3-asgiref python3-sqlparse python3-tz
    for package in ./*.deb; do dpkg -x "$package" .; done
  } >/dev/null 2>&1 || skip python3-django
  export PYTHONPATH=$folder/usr/lib/python3/dist-packages
}
version=$("$python" -c 'import django, platform; print("Python", platform.python_version() + ", Django", django.__version__)') ||
  skip python3-django

cat >app.py <<'END'
import sys
from django.conf import settings
from django.core.management import execute_from_command_line
from django.http import HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

settings.configure(ROOT_URLCONF=__name__, SECRET_KEY="x", ALLOWED_HOSTS=["*"])


@csrf_exempt
def hook(request):
    return HttpResponse(f"a body of {len(request.body)} bytes")


urlpatterns = [path("hook", hook)]
execute_from_command_line(["app.py", "runserver", "--noreload", sys.argv[1]])
END
port=$(node -e 'const s = require("net").createServer().listen(0, "127.0.0.1", () => s.close(console.log(s.address().port)))')
"$python" app.py "127.0.0.1:$port" >log.txt 2>&1 &
trap 'kill %1 || true; wait; rm -rf "$folder"' EXIT

cat >finding.mjs <<'END'
import { once } from "node:events";
import { request } from "node:http";
import { setTimeout } from "node:timers/promises";

const deliver = async (headers) => {
  const sent = request({ port: process.argv[2], host: "127.0.0.1", path: "/hook", method: "POST", headers, agent: false });
  sent.write('{"event":"order.filled"}');
  const [answer] = await once(sent.end(), "response");
  return `${answer.statusCode}, ${Buffer.concat(await answer.toArray())}`;
};
const type = { "content-type": "application/json" };
const withLength = { ...type, "content-length": 24 };
for (let turn = 0; turn < 100 && !(await deliver(withLength).catch(() => "")); turn += 1) await setTimeout(100);
console.log(`content-length: ${await deliver(withLength)}`);
console.log(`chunked: ${await deliver({ ...type, "transfer-encoding": "chunked" })}`);
END

cat >expected.txt <<'END'
content-length: 200, a body of 24 bytes
chunked: 200, a body of 0 bytes
END

timeout 50 node finding.mjs "$port" >seen.txt
printf 'Node.js %s, %s\n\n' "$(node --version)" "$version"
cat seen.txt
diff -u expected.txt seen.txt >changes.txt || {
  printf '\nThis has changed:\n'
  cat changes.txt
  exit 1
}
