from django.db import models


class Event(models.Model):
    """An event of Bluum, once."""

    key = models.CharField(max_length=64, primary_key=True)
    body = models.BinaryField()
    processed = models.BooleanField(default=False, db_index=True)


class Status(models.Model):
    """Of an order or a transfer."""

    id = models.CharField(max_length=100, primary_key=True)
    kind = models.CharField(max_length=20)
    status = models.CharField(max_length=100)
    step = models.SmallIntegerField()
