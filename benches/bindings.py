"""Times `celerysalt bindings` on a broker with 5,000 queues and 15,000 bindings.

    celerysalt sandbox -- python3 benches/bindings.py [target/release/celerysalt]

Prints wall time, processor time and peak memory of listings and of one route, beside `rabbitmqadmin` and `curl` on
the same broker. Each line is measured five times, in turns. Needs Linux or macOS.
"""

import json
import os
import shutil
import sys
import tempfile
import time
import urllib.parse
import urllib.request

QUEUES = 5_000
ROUNDS = 5
VHOST = "bench"
EXCHANGE = "tchu_events"
MANAGEMENT = urllib.parse.urlsplit(os.environ["CELERYSALT_MANAGEMENT_URL"])
API = "http://%s:%d/api" % (MANAGEMENT.hostname, MANAGEMENT.port)


def call(method, path, body=None):
    passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    passwords.add_password(None, API, MANAGEMENT.username, MANAGEMENT.password)
    opener = urllib.request.build_opener(urllib.request.HTTPBasicAuthHandler(passwords))
    data = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json"}
    request = urllib.request.Request(API + path, data=data, headers=headers, method=method)
    with opener.open(request, timeout=300) as answer:
        return answer.read()


def definitions():
    """As services declare them: a queue, its binding to each topic, and a retired pattern or two."""
    queues, bindings = [], []
    for number in range(QUEUES):
        name = "service%04d_queue" % number
        queues.append(
            {"name": name, "durable": True, "auto_delete": False, "arguments": {"x-max-priority": 10}}
        )
        area = "area%d" % (number % 97)
        for key in ("%s.order.created" % area, "%s.user%d.#" % (area, number), "audit.*.v%d" % (number % 7)):
            bindings.append(
                {
                    "source": EXCHANGE,
                    "destination": name,
                    "destination_type": "queue",
                    "routing_key": key,
                    "arguments": {},
                }
            )
    exchange = {"name": EXCHANGE, "type": "topic", "durable": True, "auto_delete": False}
    exchange.update({"internal": False, "arguments": {}})
    return {"exchanges": [exchange], "queues": queues, "bindings": bindings}


def declare():
    call("PUT", "/vhosts/" + VHOST)
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    call("PUT", "/permissions/%s/%s" % (VHOST, MANAGEMENT.username), everything)
    call("POST", "/definitions/" + VHOST, definitions())
    # A broker that has just made thousands of queues is busy with them for a while.
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        totals = json.loads(call("GET", "/overview?columns=object_totals.queues"))
        if totals["object_totals"]["queues"] >= QUEUES:
            break
        time.sleep(0.5)
    time.sleep(10)


def measure(command):
    """Seconds, those of the processor, peak MiB, and the number of lines of the output."""
    read, write = os.pipe()
    talk = tempfile.TemporaryFile()
    start = time.monotonic()
    child = os.fork()
    if child == 0:
        os.dup2(write, 1)
        os.dup2(talk.fileno(), 2)
        os.close(read)
        os.execvp(command[0], command)
    os.close(write)
    with os.fdopen(read, "rb") as out:
        lines = out.read().count(b"\n")
    _, status, usage = os.wait4(child, 0)
    seconds = time.monotonic() - start
    if os.waitstatus_to_exitcode(status) != 0:
        talk.seek(0)
        sys.exit("%s failed: %s" % (command[0], talk.read().decode()))
    unit = 1 if sys.platform == "darwin" else 1024
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / 2**20, lines


def commands(binary):
    broker = urllib.parse.urlsplit(os.environ["CELERYSALT_BROKER_URL"])._replace(path="/" + VHOST)
    ours = [binary, "--broker", broker.geturl(), "bindings"]
    login = "%s:%s" % (MANAGEMENT.username, MANAGEMENT.password)
    curl = ["curl", "-fsS", "-u", login]
    yield "celerysalt bindings list", ours + ["list"]
    yield "celerysalt bindings list -o json", ours + ["list", "-o", "json"]
    yield "celerysalt bindings route", ours + ["route", "area5.order.created"]
    yield "curl: 4 lists, whole", curl + [
        "%s/%s/%s" % (API, resource, VHOST) for resource in ("exchanges", "queues", "bindings", "consumers")
    ]
    if shutil.which("rabbitmqadmin"):
        admin = ["rabbitmqadmin", "-H", MANAGEMENT.hostname, "-P", str(MANAGEMENT.port)]
        admin += ["-u", MANAGEMENT.username, "-p", MANAGEMENT.password, "-V", VHOST, "list"]
        columns = ["name", "consumers", "messages_ready", "messages_unacknowledged", "arguments"]
        yield "rabbitmqadmin list queues", admin + ["queues"] + columns
        yield "rabbitmqadmin list bindings", admin + ["bindings"]


def main():
    binary = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "target/release/celerysalt")
    # The registry's schemas would add to `route` what is not the broker's.
    os.chdir(tempfile.mkdtemp(prefix="celerysalt-bench-"))
    declare()
    print("%d queues; load before: %.2f on %d processors" % (QUEUES, os.getloadavg()[0], os.cpu_count()))
    runs = {}
    for _ in range(ROUNDS):
        for name, command in commands(binary):
            runs.setdefault(name, []).append(measure(command))
    for name, found in runs.items():
        seconds, busy = sorted(run[0] for run in found), sorted(run[1] for run in found)
        middle, peak = len(found) // 2, max(run[2] for run in found)
        print(
            "%-34s best %.3f s, median %.3f s (%.3f s of its own), peak %.0f MiB, %d lines"
            % (name, seconds[0], seconds[middle], busy[middle], peak, found[0][3])
        )


if __name__ == "__main__":
    main()
