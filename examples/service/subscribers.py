"""The handlers: one function for each topic, or for a pattern of topics."""

import json
import os
import time

from celery.utils.log import get_task_logger
from celery_salt import RPCError, subscribe

from service import events

logger = get_task_logger(__name__)


def note(topic, payload):
    """Says in the worker's log what arrived, and in the file EVENT_LOG if there is one."""
    line = json.dumps({"topic": topic, "payload": payload}, default=str, sort_keys=True)
    logger.info("received %s", line)
    if path := os.environ.get("EVENT_LOG"):
        with open(path, "a", encoding="utf-8") as log:
            log.write(line + "\n")


@subscribe("user.signup.completed")
def welcome(signup):
    note("user.signup.completed", signup.model_dump())


@subscribe("order.created", version="v2")
def book(order):
    note("order.created", order.model_dump())


@subscribe("rpc.calculator.add")
def add(request):
    return events.AddResponse(result=request.a + request.b)


@subscribe("rpc.calculator.divide")
def divide(request):
    if request.b == 0:
        raise RPCError(
            error_code="DIVISION_BY_ZERO",
            error_message="Cannot divide by zero",
            details={"a": request.a, "b": request.b},
        )
    return events.DivideResponse(result=request.a / request.b)


@subscribe("rpc.calculator.fail")
def fail(request):
    raise RuntimeError(f"the handler failed: {request.reason}")


@subscribe("rpc.report.build")
def build_report(request):
    time.sleep(request.seconds)
    return {"built_in_seconds": request.seconds}


@subscribe("rpc.echo.*")
def echo(request):
    """Takes any payload and gives it back."""
    return request.model_dump()


@subscribe("audit.#")
def audit(event):
    """Takes any payload of any topic that starts with `audit`."""
    note("audit.#", event.model_dump())
