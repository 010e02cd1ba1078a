"""celery-salt's own publish loop: N events through a Celery app, prints the seconds.

usage: salt_publish.py URL EXCHANGE N
"""

import logging
import sys
import time

from celery import Celery
from celery_salt.integrations.producer import publish_event

url, exchange, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
logging.disable(logging.CRITICAL)
app = Celery("bench", broker=url)
app.conf.task_routes = {
    "celery_salt.dispatch_event": {"exchange": exchange, "exchange_type": "topic"}
}
start = time.perf_counter()
for number in range(count):
    publish_event(
        "user.signup.completed",
        {"user_id": number, "email": "zo\u00eb@example.com", "company_id": 7, "signup_source": "web"},
        exchange_name=exchange,
        celery_app=app,
        version="v1",
    )
print(f"{time.perf_counter() - start:.6f}")
