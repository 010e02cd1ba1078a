"""The Celery app. This service has no worker: it sends events, and waits for answers."""

import os

from celery import Celery

EXCHANGE = os.environ.get("CELERYSALT_EXCHANGE", "tchu_events")

app = Celery(
    "orders",
    broker=os.environ.get("CELERY_BROKER_URL", "amqp://guest:guest@localhost:5672//"),
    backend=os.environ.get("CELERY_RESULT_BACKEND", "redis://localhost:6379/0"),
)
app.set_default()

# By this route celery-salt finds the topic exchange. Services with handlers of their own call
# `setup_salt_queue`, which sets it too.
app.conf.task_routes = {
    "celery_salt.dispatch_event": {"exchange": EXCHANGE, "exchange_type": "topic"},
}
