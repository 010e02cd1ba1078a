"""kombu's decode loop: receives N messages, decodes body and event, prints the seconds.

usage: kombu_consume.py URL EXCHANGE N
"""

import json
import sys
import time

from kombu import Connection, Consumer, Exchange, Queue

url, exchange_name, wanted = sys.argv[1], sys.argv[2], int(sys.argv[3])
received = 0
first = 0.0


def on_message(body, message):
    global received, first
    if received == 0:
        first = time.perf_counter()
    json.loads(body[0][0])
    received += 1


with Connection(url) as connection, connection.channel() as channel:
    exchange = Exchange(exchange_name, type="topic", passive=True)
    queue = Queue("", exchange, routing_key="#", exclusive=True, auto_delete=True)
    with Consumer(channel, queue, callbacks=[on_message], accept=["json"], no_ack=True):
        print("ready", flush=True)
        while received < wanted:
            connection.drain_events()
print(f"{time.perf_counter() - first:.6f}")
