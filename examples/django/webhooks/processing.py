import json
import logging

from django.db import transaction

from .models import Event, Status

# The progress of an order or a transfer, by the last part of its event names.
STEPS = ["initiated", "accepted", "partially_filled", "filled", "completed", "canceled", "rejected", "failed"]


def process_pending(**_signal):
    """Also processes events that were stored before a crash."""
    for event in Event.objects.filter(processed=False):
        try:
            process_once(event)
        except Exception:
            logging.exception("Event %s stays pending", event.key)


@transaction.atomic
def process_once(event):
    """A crash leaves nothing half done: the mark and the effect of an event are one transaction."""
    if Event.objects.filter(key=event.key, processed=False).update(processed=True) == 1:
        apply(json.loads(bytes(event.body)))


def apply(event):
    """What your app does with an event. Other events are not an error: Bluum may add new ones."""
    name = str(event.get("event") or event.get("event_type"))
    data = event.get("data")
    data = data if isinstance(data, dict) else {}
    ids = (data.get(field) for field in ("id", "order_id", "transfer_id", "deposit_id", "withdrawal_id"))
    resource = next((str(each) for each in ids if each), None)
    kind, _, status = name.partition(".")
    if resource is None or kind not in ("order", "transfer"):
        return
    last = status.rpartition(".")[2]
    step = STEPS.index(last) if last in STEPS else -1
    row, is_new = Status.objects.get_or_create(id=resource, defaults={"kind": kind, "status": status, "step": step})
    # Events can arrive out of order: an acceptance must not replace a fill that came first.
    if not is_new and step >= row.step:
        Status.objects.filter(id=resource).update(status=status, step=step)
