"""A Bluum webhook endpoint in Flask: see README.md."""

import os

from flask import Flask, Response, jsonify, request

from inbox import Inbox

MAX_BODY = 1024 * 1024

app = Flask(__name__)
inbox = Inbox(os.environ.get("DATABASE", "events.db"), os.environ.get("BLUUM_WEBHOOK_SECRET"))


@app.post("/webhooks/bluum")
def receive():
    # The signature covers the raw bytes: never verify request.get_json() written again.
    # MAX_CONTENT_LENGTH does not limit them before Werkzeug 2.3.
    body = request.stream.read(MAX_BODY + 1)
    status = 413 if len(body) > MAX_BODY else inbox.receive(request.headers, body)
    response = Response(status=status)
    response.call_on_close(inbox.process_pending)  # after the answer
    return response


@app.get("/state")
def show_state():
    return jsonify(inbox.state())


if __name__ == "__main__":
    app.run(host="127.0.0.1", port=int(os.environ.get("PORT", "3000")), threaded=True)
