"""celery-salt's own RPC: N calls one after another, prints each round trip in milliseconds.

usage: salt_call.py BROKER_URL BACKEND_URL EXCHANGE N
"""

import logging
import sys
import time

from celery import Celery
from celery_salt.integrations.producer import call_rpc

broker, backend, exchange, count = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
logging.disable(logging.CRITICAL)
app = Celery("bench", broker=broker, backend=backend)
app.conf.task_routes = {
    "celery_salt.dispatch_event": {"exchange": exchange, "exchange_type": "topic"}
}
for _ in range(count):
    start = time.perf_counter()
    call_rpc(
        "rpc.calculator.add",
        {"a": 1.0, "b": 2.0},
        exchange_name=exchange,
        celery_app=app,
        version="v1",
        priority=9,
    )
    print(f"{(time.perf_counter() - start) * 1000:.3f}")
