from django.apps import AppConfig
from django.core.signals import request_finished


class WebhooksConfig(AppConfig):
    name = "webhooks"

    def ready(self):
        from .processing import process_pending

        # Sent after each answer: after 30 seconds without an answer Bluum counts a failure.
        request_finished.connect(process_pending)
