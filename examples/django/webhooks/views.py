"""A Bluum webhook endpoint in Django: see README.md."""

import hashlib
import json

from django.http import HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from .models import Event, Status
from .signatures import is_signed_by_bluum


def event_key(event, headers, body):
    """The identity of an event: its own ID if it has one, otherwise the exact bytes of its body.

    It is never data.id, the order's ID: the acceptance and the fill of an order share it.
    """
    own = event.get("id") or event.get("event_id") or headers.get("webhook-id")
    return hashlib.sha256(f"id {own}".encode() if own else body).hexdigest()


# The signature replaces the CSRF token, which Bluum cannot have.
@csrf_exempt
@require_POST
def receive(request):
    # The signature covers the raw bytes: never verify the parsed body written again.
    body = request.body
    if request.content_type != "application/json":
        return HttpResponse(status=415)
    if not is_signed_by_bluum(request.headers, body):
        return HttpResponse(status=401)
    try:
        event = json.loads(body)
    except ValueError:
        return HttpResponse(status=400)  # malformed, or empty
    if not isinstance(event, dict):
        return HttpResponse(status=400)
    Event.objects.bulk_create([Event(key=event_key(event, request.headers, body), body=body)], ignore_conflicts=True)
    return HttpResponse(status=200)  # also for a duplicate, otherwise Bluum retries


@require_GET
def show_state(request):
    """The state of the app, for `bluum-hooks check --state`."""
    of = lambda kind: dict(Status.objects.filter(kind=kind).values_list("id", "status"))
    processed = Event.objects.filter(processed=True).count()
    return JsonResponse({"processed": processed, "orders": of("order"), "transfers": of("transfer")})
