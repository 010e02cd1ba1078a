"""Writes celery_encoded.jsonl: what the real libraries publish for fixed inputs.

    python3 -m venv .venv && .venv/bin/pip install celery-salt==1.6.0 celery==5.7.0 kombu==5.7.0
    .venv/bin/python tests/data/make_encoded.py > tests/data/celery_encoded.jsonl

No broker is needed: the messages are caught in kombu's producer, on their way out.
"""

import json
import sys
import uuid
from unittest import mock

from celery import Celery
from celery.utils.saferepr import saferepr
from celery_salt.integrations import producer
from kombu import Connection, Exchange, Producer
from kombu.transport.memory import Transport

ID = "00000000-0000-4000-8000-000000000001"
ORIGIN = "gen1@host"
TOPIC = "user.signup.completed"
LONG = "word " * 300

app = Celery("app", broker="memory://", backend="cache+memory://")
app.conf.task_routes = {
    "celery_salt.dispatch_event": {"exchange": "tchu_events", "exchange_type": "topic"},
    "tasks.add": {"exchange": "tchu_events", "exchange_type": "topic"},
}
app.conf.broker_connection_retry = False

sent = []


def catch(self, body, priority, content_type, content_encoding, headers, properties,
          routing_key, *args, **kwargs):
    sent.append({
        "routing_key": routing_key,
        "properties": {
            "content_type": content_type,
            "content_encoding": content_encoding,
            "priority": priority,
            **{k: v for k, v in properties.items() if v is not None},
        },
        "headers": list(headers.items()),
        "body": body if isinstance(body, str) else body.decode(),
    })


def caught(call):
    sent.clear()
    with mock.patch.object(Producer, "_publish", catch), \
            mock.patch("uuid.uuid4", lambda: uuid.UUID(ID)), \
            mock.patch("celery.app.amqp.anon_nodename", lambda: ORIGIN):
        try:
            call()
        except producer.PublishError:
            pass
    return sent[-1]


def event(name, payload, *, is_rpc=False, options=None, **meta):
    options = options or {}
    message = caught(lambda: producer.publish_event(
        TOPIC, json.loads(payload), is_rpc=is_rpc, celery_app=app, **meta, **options))
    emit("event", name, message, payload=payload, is_rpc=is_rpc, options=options, **meta)


def kombu_event(name, payload, **meta):
    message = caught(lambda: producer.publish_event(
        TOPIC, json.loads(payload), broker_url="memory://", **meta))
    emit("kombu_event", name, message, payload=payload, is_rpc=False, options={}, **meta)


def task(name, args, kwargs):
    message = caught(lambda: app.send_task(
        "tasks.add", json.loads(args), json.loads(kwargs), routing_key=TOPIC, task_id=ID))
    emit("task", name, message, args=args, kwargs=kwargs)


def emit(kind, name, message, **given):
    message["properties"].pop("reply_to", None)
    print(json.dumps({"kind": kind, "name": name, "topic": TOPIC, "id": ID, "origin": ORIGIN,
                      "given": given, "message": message}))


def main():
    event("plain", '{"user_id": 1, "email": "zo\\u00eb@example.com"}', version="v1")
    event("empty", "{}")
    event("emoji and escapes", '{"s": "\\ud83d\\ude00 \\" \\\\ \\n \\u007f \\u2028 \'"}',
          version="v1.2.0", correlation_id="order-77 \u00e9")
    event("numbers", '{"big": 123456789012345678901234567890, "f": 1e-07, "z": -0.0, "t": 9.5}')
    event("nested", '{"a": [1, [2, {"b": []}], {}], "c": null, "d": true}', version="v1")
    event("long", json.dumps({"text": LONG}), version="v1")
    event("long without spaces", json.dumps({"text": "x" * 3000}))
    event("quotes", '{"it\'s": "\'"}')
    for length in range(972, 982):
        event(f"at the limit, {length}", json.dumps({"t": "ab " * (length // 3) + "x" * (length % 3)}))
    event("rpc", '{"a": 1.0, "b": 2.0}', is_rpc=True, version="v1", options={"priority": 9})
    event("custom headers", "{}", options={"headers": {"x-tenant": "acme", "n": 5,
                                                       "nested": {"a": [1, "b", None, True]}}})
    event("eta", "{}", options={"eta": "2026-11-22T07:05:15.945861+00:00", "priority": 5})
    event("retries", "{}", options={"retries": 3, "root_id": "root", "parent_id": "parent"})
    kombu_event("plain", '{"user_id": 2, "email": "kombu@b.c"}', version="v1")
    kombu_event("unicode", '{"name": "\\u65e5\\u672c"}')
    task("no arguments", "[]", "{}")
    task("shallow", '[1, 2.5, "it\'s", null, true]', '{"x": false, "y": "z"}')
    task("deep", '[[[[[1]]]], {"a": {"b": {"c": {}}}}]', '{"k": [[[]]], "e": {}}')
    task("floats", "[1e-07, 1e+16, 1.0, -0.0, 1e+22, 123456789012345678901234567890]", "{}")
    task("long list", json.dumps(list(range(400))), json.dumps({f"key{i}": i for i in range(200)}))
    task("long text", json.dumps(["\u00e9 " * 700, "never shown"]), json.dumps({"a": "b" * 1100}))
    for extra in range(24, 42):
        task(f"brink {extra}", json.dumps(["x" * (980 + extra), [1, [2]], {"k": "v"}]),
             json.dumps({"k" * (985 + extra): [1], "next": {}}))
    # The two halves must agree: nothing of this file is of use if saferepr has moved on.
    assert saferepr(["a"], 1024) == "['a']", sys.version


main()
