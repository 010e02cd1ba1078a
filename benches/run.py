#!/usr/bin/env python3
"""Measures celerysalt beside its peers, in one run, on one throw-away broker.

Run it with `make bench`, which starts it inside `celerysalt sandbox`. Prints one table; `--json`
prints the same rows as JSON. Each figure is the median of `--rounds` runs that alternate with the
peer's, so that a busy machine hurts both alike.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PEERS = ROOT / "benches" / "peers"
BUILD = ROOT / "target" / "bench-peers"
BINARY = ROOT / "target" / "release" / "celerysalt"
PYTHON = ROOT / "target" / "venvs" / "salt" / "bin" / "python"
BROKER = os.environ["CELERYSALT_BROKER_URL"]
BACKEND = os.environ["CELERYSALT_BACKEND_URL"]
EXCHANGE = "tchu_events"


def c_url():
    """The broker URL as librabbitmq spells it: the vhost `/` is `%2f`."""
    return BROKER.removesuffix("//") + "/%2f" if BROKER.endswith("//") else BROKER


def build_peers():
    BUILD.mkdir(parents=True, exist_ok=True)
    for name in ("consume", "produce"):
        command = ["gcc", "-O2", "-Wall", "-o", BUILD / name, PEERS / f"{name}.c", "-lrabbitmq"]
        subprocess.run(command, check=True)


def seconds(command, **options):
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **options)
    return time.perf_counter() - start


def alternate(rounds, *measures):
    samples = [[] for _ in measures]
    for _ in range(rounds):
        for place, measure in zip(samples, measures):
            place.append(measure())
    return [statistics.median(place) for place in samples]


def startup(rounds):
    def many(command, times):
        return seconds(["sh", "-c", f"for i in $(seq {times}); do {command} --version; done"]) / times

    ours, theirs = alternate(
        rounds,
        lambda: many(BINARY, 50),
        lambda: many(PYTHON.parent / "celery", 3),
    )
    yield {
        "what": "celerysalt --version",
        "ours": f"{ours * 1000:.2f} ms",
        "peer": f"celery --version: {theirs * 1000:.0f} ms",
        "ratio": theirs / ours,
        "goal": "under 5 ms, 50x",
        "met": ours < 0.005 and theirs / ours >= 50,
    }


def consume_rate(start_consumer, count):
    """Messages per second from the start of the producer to the consumer's last message."""
    consumer = start_consumer()
    start = time.perf_counter()
    producer = subprocess.Popen([BUILD / "produce", c_url(), EXCHANGE, str(count)], stdout=subprocess.DEVNULL)
    peak = wait_and_watch(consumer)
    elapsed = time.perf_counter() - start
    producer.wait()
    return count / elapsed, peak


def wait_and_watch(process):
    """Waits for the process and returns the highest resident set it had, in MiB."""
    peak = 0
    while process.poll() is None:
        try:
            status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
            peak = max(peak, int(status.split("VmHWM:")[1].split()[0]))
        except (IndexError, OSError):
            pass
        time.sleep(0.01)
    if process.returncode != 0:
        sys.exit(f"{process.args} ended with {process.returncode}")
    return peak / 1024


def peer_consumer(command):
    def start():
        process = subprocess.Popen(command, stdout=subprocess.PIPE)
        process.stdout.readline()
        return process

    return start


def tail_consumer(count, output):
    def start():
        process = subprocess.Popen(
            [BINARY, "tail", "-o", "jsonl", "-n", str(count), "--queue-limit", "1000000"],
            stdout=open(output, "wb"),
            stderr=subprocess.PIPE,
        )
        process.stderr.readline()
        return process

    return start


def tail(rounds, count):
    with tempfile.TemporaryDirectory() as folder:
        output = pathlib.Path(folder, "events.jsonl")
        results = {"ours": [], "c": [], "kombu": [], "peak": []}
        for _ in range(rounds):
            rate, peak = consume_rate(tail_consumer(count, output), count)
            lines = sum(1 for _ in output.open("rb"))
            if lines != count:
                sys.exit(f"tail wrote {lines} lines, not {count}")
            results["ours"].append(rate)
            results["peak"].append(peak)
            results["c"].append(
                consume_rate(peer_consumer([BUILD / "consume", c_url(), EXCHANGE, str(count)]), count)[0]
            )
            kombu = [PYTHON, PEERS / "kombu_consume.py", BROKER, EXCHANGE, str(count)]
            results["kombu"].append(consume_rate(peer_consumer(kombu), count)[0])
    ours, c, kombu = (statistics.median(results[key]) for key in ("ours", "c", "kombu"))
    peak = max(results["peak"])
    yield row("tail -o jsonl > file", ours, "C librabbitmq, no decoding", c, "0.9x", 0.9)
    yield row("tail -o jsonl > file", ours, "kombu, decoding", kombu, "3x", 3)
    yield {
        "what": f"tail, peak resident memory over {count} events",
        "ours": f"{peak:.1f} MiB",
        "peer": "",
        "ratio": None,
        "goal": "under 40 MB",
        "met": peak * 1.048576 < 40,
    }


def row(what, ours, peer, theirs, goal, wanted):
    return {
        "what": what,
        "ours": f"{ours:,.0f}/s",
        "peer": f"{peer}: {theirs:,.0f}/s",
        "ratio": ours / theirs,
        "goal": goal,
        "met": ours / theirs >= wanted,
    }


def publish(rounds, count):
    """Everybody publishes to one queue that a C consumer empties, so that no backlog builds up."""
    line = {"email": "zo\u00eb@example.com", "company_id": 7, "signup_source": "web"}
    with tempfile.TemporaryDirectory() as folder:
        lines = pathlib.Path(folder, "events.jsonl")
        with lines.open("w") as out:
            for number in range(count):
                out.write(json.dumps({"user_id": number, **line}) + "\n")

        def drained(total, command):
            drain = peer_consumer([BUILD / "consume", c_url(), EXCHANGE, str(total)])()
            elapsed = seconds(command, stdin=lines.open("rb"), stderr=subprocess.DEVNULL)
            drain.wait()
            return total / elapsed

        topic = "user.signup.completed"
        slow = max(1, count // 40)
        ours, c, salt = alternate(
            rounds,
            lambda: drained(count, [BINARY, "-q", "publish", topic, "-"]),
            lambda: drained(count, ["amqp-publish", "-u", c_url(), "-e", EXCHANGE, "-r", topic, "-l"]),
            lambda: drained(slow, [PYTHON, PEERS / "salt_publish.py", BROKER, EXCHANGE, str(slow)]),
        )
    yield row("publish -, confirmed and mandatory", ours, "amqp-publish -l (C, no confirms)", c, "1x", 1)
    yield row("publish -, confirmed and mandatory", ours, "celery-salt publish_event()", salt, "10x", 10)


def call(rounds, count):
    worker = subprocess.Popen(
        [PYTHON.parent / "celery", "-A", "service", "worker", "-l", "error", "-P", "solo", "-n", "bench@%h"],
        cwd=ROOT / "examples",
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    topic = ["rpc.calculator.add", '{"a": 1.0, "b": 2.0}', "--version", "v1"]
    try:
        subprocess.run([BINARY, "call", *topic, "--timeout", "30s"], check=True, capture_output=True)

        def ours():
            command = [BINARY, "-o", "json", "call", *topic, "--repeat", str(count)]
            answer = subprocess.run(command, check=True, capture_output=True)
            return json.loads(answer.stdout)["p50_ms"]

        def theirs():
            command = [PYTHON, PEERS / "salt_call.py", BROKER, BACKEND, EXCHANGE, str(count)]
            answer = subprocess.run(command, check=True, capture_output=True, text=True)
            return statistics.median(map(float, answer.stdout.split()))

        mine, python = alternate(rounds, ours, theirs)
    finally:
        worker.terminate()
        worker.wait()
    yield {
        "what": f"call, p50 of {count} round trips over Redis",
        "ours": f"{mine:.2f} ms",
        "peer": f"celery-salt call_rpc(): {python:.2f} ms",
        "ratio": python / mine,
        "goal": "not slower",
        "met": mine <= python,
    }


def print_table(rows):
    cells = [["what", "celerysalt", "peer", "times", "goal", "met"]]
    for item in rows:
        ratio = "" if item["ratio"] is None else f"{item['ratio']:.2f}"
        met = "yes" if item["met"] else "NO"
        cells.append([item["what"], item["ours"], item["peer"], ratio, item["goal"], met])
    widths = [max(map(len, column)) for column in zip(*cells)]
    for line in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--count", type=int, default=200_000)
    parser.add_argument("--calls", type=int, default=1_000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", choices=["startup", "tail", "publish", "call"])
    options = parser.parse_args()
    build_peers()
    suites = {
        "startup": lambda: startup(options.rounds),
        "tail": lambda: tail(options.rounds, options.count),
        "publish": lambda: publish(options.rounds, options.count),
        "call": lambda: call(options.rounds, options.calls),
    }
    rows = []
    for name, suite in suites.items():
        if options.only in (None, name):
            rows.extend(suite())
    if options.json:
        print(json.dumps(rows, indent=2))
    else:
        print_table(rows)


if __name__ == "__main__":
    main()
