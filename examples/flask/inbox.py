"""Stores each event of Bluum once, and processes it after the answer."""

import base64
import hashlib
import hmac
import json
import logging
import re
import sqlite3
import time
from contextlib import closing

TOLERANCE_S = 5 * 60

SCHEMA = """
    PRAGMA journal_mode = WAL;
    CREATE TABLE IF NOT EXISTS events (key TEXT PRIMARY KEY, body BLOB NOT NULL, processed INTEGER NOT NULL DEFAULT 0);
    CREATE INDEX IF NOT EXISTS pending_events ON events (processed) WHERE processed = 0;
    CREATE TABLE IF NOT EXISTS statuses (id TEXT PRIMARY KEY, kind TEXT, status TEXT, step INTEGER);
"""

# The progress of an order or a transfer, by the last part of its event names.
STEPS = ["initiated", "accepted", "partially_filled", "filled", "completed", "canceled", "rejected", "failed"]


def event_key(event, headers, body):
    """The identity of an event: its own ID if it has one, otherwise the exact bytes of its body.

    It is never data.id, the order's ID: the acceptance and the fill of an order share it.
    """
    own = event.get("id") or event.get("event_id") or headers.get("webhook-id")
    return hashlib.sha256(f"id {own}".encode() if own else body).hexdigest()


class Inbox:
    def __init__(self, file, secret):
        if not secret:
            raise SystemExit("BLUUM_WEBHOOK_SECRET is not set: it is the signing secret of your webhook")
        encoded = secret[len("whsec_") :] if secret.startswith("whsec_") else secret
        self._key = base64.b64decode(encoded)
        self._file = file
        with self._connection() as database:
            database.executescript(SCHEMA)
        self.process_pending()  # events that were stored before a crash

    def _connection(self):
        """Each thread has its own. It waits while another one writes."""
        return closing(sqlite3.connect(self._file, timeout=30))

    def receive(self, headers, body):
        """The status with which to answer a delivery. `body` is the bytes as received.

        After a 200, call process_pending() once the answer is sent: after 30 seconds without an answer Bluum counts a
        failure.
        """
        if not re.match(r"application/json\b", headers.get("content-type", ""), re.IGNORECASE):
            return 415
        if not self._is_signed_by_bluum(headers, body):
            return 401
        try:
            event = json.loads(body)
        except ValueError:
            return 400  # malformed, or empty
        if not isinstance(event, dict):
            return 400
        row = (event_key(event, headers, body), body)
        with self._connection() as database, database:
            database.execute("INSERT INTO events (key, body) VALUES (?, ?) ON CONFLICT DO NOTHING", row)
        return 200  # also for a duplicate, otherwise Bluum retries

    def _is_signed_by_bluum(self, headers, body):
        """Standard Webhooks: an HMAC-SHA256 over `id.timestamp.body`, of the raw bytes."""
        message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        if not re.fullmatch(r"[0-9]{1,12}", timestamp) or abs(time.time() - int(timestamp)) > TOLERANCE_S:
            return False
        digest = hmac.new(self._key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
        expected = b"v1," + base64.b64encode(digest)
        given = headers.get("webhook-signature", "").encode().split()
        return any(hmac.compare_digest(expected, each) for each in given)

    def process_pending(self):
        with self._connection() as database:
            for key, body in database.execute("SELECT key, body FROM events WHERE processed = 0").fetchall():
                try:
                    # A crash leaves nothing half done: the mark and the effect of an event are one transaction.
                    with database:
                        mark = "UPDATE events SET processed = 1 WHERE key = ? AND processed = 0"
                        if database.execute(mark, (key,)).rowcount == 1:
                            apply(database, json.loads(body))
                except Exception:
                    logging.exception("Event %s stays pending", key)

    def state(self):
        """The state of the app, for `bluum-hooks check --state`."""
        with self._connection() as database:
            (processed,) = database.execute("SELECT COUNT(*) FROM events WHERE processed = 1").fetchone()
            rows = database.execute("SELECT id, kind, status FROM statuses").fetchall()
        of = lambda wanted: {key: status for key, kind, status in rows if kind == wanted}
        return {"processed": processed, "orders": of("order"), "transfers": of("transfer")}


def apply(database, event):
    """What your app does with an event. Other events are not an error: Bluum may add new ones."""
    name = str(event.get("event") or event.get("event_type"))
    data = event.get("data")
    data = data if isinstance(data, dict) else {}
    ids = (data.get(field) for field in ("id", "order_id", "transfer_id", "deposit_id", "withdrawal_id"))
    resource = next((each for each in ids if each), None)
    kind, _, status = name.partition(".")
    if resource is None or kind not in ("order", "transfer"):
        return
    last = status.rpartition(".")[2]
    step = STEPS.index(last) if last in STEPS else -1
    # Events can arrive out of order: an acceptance must not replace a fill that came first.
    database.execute(
        """INSERT INTO statuses VALUES (?, ?, ?, ?) ON CONFLICT (id)
           DO UPDATE SET status = excluded.status, step = excluded.step WHERE excluded.step >= step""",
        (str(resource), kind, status, step),
    )
