"""The Celery app: broker, result backend, and the queue that receives the service's events."""

import os

from celery import Celery
from celery_salt.django.celery import setup_salt_queue  # needs no Django

app = Celery(
    "shipping",
    broker=os.environ.get("CELERY_BROKER_URL", "amqp://guest:guest@localhost:5672//"),
    backend=os.environ.get("CELERY_RESULT_BACKEND", "redis://localhost:6379/0"),
    include=["shipping.handlers"],
)
app.conf.broker_connection_retry_on_startup = True
app.conf.result_expires = 3600

setup_salt_queue(
    app,
    queue_name="shipping_queue",
    exchange_name=os.environ.get("CELERYSALT_EXCHANGE", "tchu_events"),
)
