import base64
import hashlib
import hmac
import re
import time

from django.conf import settings

TOLERANCE_S = 5 * 60


def is_signed_by_bluum(headers, body):
    """Standard Webhooks: an HMAC-SHA256 over `id.timestamp.body`, of the raw bytes."""
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not re.fullmatch(r"[0-9]{1,12}", timestamp) or abs(time.time() - int(timestamp)) > TOLERANCE_S:
        return False
    secret = settings.BLUUM_WEBHOOK_SECRET
    key = base64.b64decode(secret[len("whsec_") :] if secret.startswith("whsec_") else secret)
    digest = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    expected = b"v1," + base64.b64encode(digest)
    given = headers.get("webhook-signature", "").encode().split()
    return any(hmac.compare_digest(expected, each) for each in given)
