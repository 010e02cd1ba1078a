"""The Celery app: broker, result backend, and the queue that receives the service's events."""

import os

from celery import Celery
from tchu_tchu import setup_celery_queue  # needs no Django

app = Celery(
    "tchu_service",
    broker=os.environ.get("CELERY_BROKER_URL", "amqp://guest:guest@localhost:5672//"),
    backend=os.environ.get("CELERY_RESULT_BACKEND", "redis://localhost:6379/0"),
)
app.conf.broker_connection_retry_on_startup = True
app.conf.result_expires = 3600

setup_celery_queue(
    app,
    queue_name=os.environ.get("SERVICE_QUEUE", "tchu_service_queue"),
    subscriber_modules=["tchu_service.subscribers"],
    exchange_name=os.environ.get("CELERYSALT_EXCHANGE", "tchu_events"),
)
