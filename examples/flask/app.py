"""A Bluum webhook endpoint in Flask.

    PORT=3000 BLUUM_WEBHOOK_SECRET=whsec_… python app.py
    bluum-hooks listen --forward-to 3000

It keeps its state in memory; a real app would use its database.
"""

import base64
import hashlib
import hmac
import json
import os
import threading
import time

from flask import Flask, jsonify, request

SECRET = os.environ.get("BLUUM_WEBHOOK_SECRET")
DEDUPLICATE_BY = os.environ.get("DEDUPLICATE_BY", "event")
TOLERANCE_S = 5 * 60

app = Flask(__name__)
lock = threading.Lock()
seen = set()
state = {"processed": 0, "orders": {}, "transfers": {}}


def is_genuine(body, headers):
    """Standard Webhooks: an HMAC-SHA256 over `id.timestamp.body`, of the raw bytes."""
    message_id = headers.get("webhook-id", "")
    timestamp = headers.get("webhook-timestamp", "")
    if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > TOLERANCE_S:
        return False
    key = base64.b64decode(SECRET[len("whsec_"):]) if SECRET.startswith("whsec_") else SECRET.encode()
    signed = f"{message_id}.{timestamp}.".encode() + body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    given = [part[3:] for part in headers.get("webhook-signature", "").split() if part.startswith("v1,")]
    return any(hmac.compare_digest(expected, each) for each in given)


def resource_of(payload):
    """The id of the order or transfer that an event is about."""
    data = payload.get("data")
    return str(data.get("id")) if isinstance(data, dict) else None


def identity_of(payload, body, headers):
    """The key of an event. Never use `data.id` alone: an order's acceptance and its fill share it.

    Without an event ID, hash the exact bytes of the body: two partial fills can have the same name, order and second.
    """
    if DEDUPLICATE_BY == "data.id":
        return resource_of(payload)
    own = payload.get("id") or payload.get("event_id") or headers.get("webhook-id")
    return own or hashlib.sha256(body).hexdigest()


# The progress of an order or a transfer, by the last part of its event names.
STEPS = ["initiated", "accepted", "partially_filled", "filled", "completed", "canceled", "rejected", "failed"]


def step(status):
    name = (status or "").split(".")[-1]
    return STEPS.index(name) if name in STEPS else -1


def handle(payload):
    """Events can arrive out of order: an acceptance must not replace a fill that came first."""
    domain, _, action = str(payload.get("event")).partition(".")
    resource = resource_of(payload)
    statuses = {"order": state["orders"], "transfer": state["transfers"]}.get(domain)
    with lock:
        state["processed"] += 1
        # Other events are not an error: Bluum may add new ones.
        if statuses is not None and step(action) >= step(statuses.get(resource)):
            statuses[resource] = action


@app.post("/webhooks/bluum")
def receive():
    body = request.get_data(cache=False)
    if request.mimetype != "application/json":
        return "JSON only\n", 415
    if not body:
        return "empty\n", 400
    if SECRET and not is_genuine(body, request.headers):
        return "bad signature\n", 401
    try:
        payload = json.loads(body)
    except ValueError:
        return "not JSON\n", 400
    if not isinstance(payload, dict):
        return "not an event\n", 400
    with lock:
        identity = identity_of(payload, body, request.headers)
        if identity in seen:
            return "known\n", 200
        seen.add(identity)
    # Answer first, then process: after 30 seconds without an answer Bluum counts a failure.
    threading.Thread(target=handle, args=(payload,)).start()
    return "thanks\n", 200


@app.get("/state")
def show_state():
    """The state of the app, for `bluum-hooks check --state http://localhost:3000/state`."""
    with lock:
        return jsonify(state)


if __name__ == "__main__":
    if not SECRET:
        print("BLUUM_WEBHOOK_SECRET is not set: signatures are not verified")
    app.run(host="127.0.0.1", port=int(os.environ.get("PORT", "3000")), threaded=True)
