"""The handlers. tchu-tchu calls them with the payload as a dict; what they return is the answer."""

import json
import os
import time

from celery.utils.log import get_task_logger
from tchu_tchu import TchuRPCException, subscribe

logger = get_task_logger(__name__)


def note(topic, payload):
    """Says in the worker's log what arrived, and in the file EVENT_LOG if there is one."""
    line = json.dumps({"topic": topic, "payload": payload}, default=str, sort_keys=True)
    logger.info("received %s", line)
    if path := os.environ.get("EVENT_LOG"):
        with open(path, "a", encoding="utf-8") as log:
            log.write(line + "\n")


@subscribe("invoice.paid")
def book(invoice):
    note("invoice.paid", invoice)


@subscribe("rpc.invoice.total")
def total(request):
    return {"total": sum(request["amounts"])}


@subscribe("rpc.invoice.split")
def split(request):
    """A plain handler returns its business errors; only TchuEvent classes turn raised ones."""
    if request["parts"] == 0:
        error = TchuRPCException(
            "Cannot split into no parts", code="NO_PARTS", details={"amount": request["amount"]}
        )
        return error.to_response_dict()
    return {"share": request["amount"] / request["parts"]}


@subscribe("rpc.invoice.fail")
def fail(request):
    raise RuntimeError("the handler failed")


@subscribe("rpc.invoice.export")
def export(request):
    time.sleep(request["seconds"])
    return {"exported_in_seconds": request["seconds"]}
