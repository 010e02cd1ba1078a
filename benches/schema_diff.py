"""Times `celerysalt schema diff` end to end on 10,000 topics with 2 versions each.

    python3 benches/schema_diff.py [target/release/celerysalt]

Prints wall time and peak memory of three comparisons of `file:` registries: nothing changed, one
topic in a hundred got a third version, every topic got one. Needs Linux or macOS.
"""

import json
import os
import shutil
import sys
import tempfile
import time

TOPICS = 10_000


def schema(version):
    fields = {
        "order_id": {"format": "uuid", "title": "Order Id", "type": "string"},
        "placed_at": {"format": "date-time", "title": "Placed At", "type": "string"},
        "status": {"enum": ["new", "paid", "shipped"], "title": "Status", "type": "string"},
        "total": {"minimum": 0, "title": "Total", "type": "integer"},
        "currency": {"default": "EUR", "maxLength": 3, "title": "Currency", "type": "string"},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None, "title": "Note"},
        "lines": {"items": {"$ref": "#/$defs/Line"}, "title": "Lines", "type": "array"},
    }
    for extra in range(version - 1):
        fields["extra_%d" % extra] = {"default": 0, "title": "Extra", "type": "integer"}
    line = {
        "properties": {
            "sku": {"title": "Sku", "type": "string"},
            "qty": {"minimum": 1, "title": "Qty", "type": "integer"},
        },
        "required": ["sku", "qty"],
        "title": "Line",
        "type": "object",
    }
    required = ["order_id", "placed_at", "status", "total", "lines"]
    return {
        "$defs": {"Line": line},
        "properties": fields,
        "required": required,
        "title": "Order",
        "type": "object",
    }


def document(topic, version):
    return {
        "topic": topic,
        "version": "v%d" % version,
        "mode": "broadcast",
        "description": "An order was placed.",
        "schema": schema(version),
        "response_schema": None,
        "error_schema": None,
        "publisher": {"module": "shop.events", "class": "Order", "service": "shop"},
        "owner": "orders",
        "deprecated": False,
        "annotations": {},
    }


def write(folder, versions_of):
    for number in range(TOPICS):
        topic = "shop%d.order.placed%d" % (number % 50, number)
        os.makedirs(os.path.join(folder, topic))
        for version in versions_of(number):
            path = os.path.join(folder, topic, "v%d.json" % version)
            with open(path, "w") as file:
                json.dump(document(topic, version), file, indent=2)


def measure(binary, old, new):
    """Seconds, peak MiB, exit code and the last line of the output."""
    read, write_end = os.pipe()
    start = time.monotonic()
    child = os.fork()
    if child == 0:
        os.dup2(write_end, 1)
        os.close(read)
        os.execv(binary, [binary, "schema", "diff", "file:" + old, "file:" + new])
    os.close(write_end)
    with os.fdopen(read, "rb") as out:
        output = out.read().decode()
    _, status, usage = os.wait4(child, 0)
    seconds = time.monotonic() - start
    unit = 1 if sys.platform == "darwin" else 1024
    last = (output.strip().splitlines() or [""])[-1]
    for side, name in ((old, "OLD"), (new, "NEW")):
        last = last.replace("file:" + side, name)
    return seconds, usage.ru_maxrss * unit / 2**20, os.waitstatus_to_exitcode(status), last


def main():
    binary = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "target/release/celerysalt")
    root = tempfile.mkdtemp(prefix="celerysalt-bench-")
    try:
        sides = {
            "nothing changed": lambda number: (1, 2),
            "1 topic of 100 changed": lambda number: (1, 2) if number % 100 else (1, 2, 3),
            "every topic changed": lambda number: (1, 2, 3),
        }
        old = os.path.join(root, "old")
        write(old, sides["nothing changed"])
        print("load before: %.2f on %d processors" % (os.getloadavg()[0], os.cpu_count()))
        for name, versions_of in sides.items():
            new = os.path.join(root, name.replace(" ", "-"))
            write(new, versions_of)
            runs = [measure(binary, old, new) for _ in range(5)]
            seconds = sorted(run[0] for run in runs)
            peak = max(run[1] for run in runs)
            print(
                "%-24s best %.3f s, median %.3f s, peak %.0f MiB, exit %d"
                % (name, seconds[0], seconds[len(seconds) // 2], peak, runs[0][2])
            )
            print("    " + runs[0][3])
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    main()
