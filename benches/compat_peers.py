"""Measures the compatibility engine beside others on the labelled pairs of tests/data/compat.

    target/venvs/bench/bin/python benches/compat_peers.py [--sample N] [--seconds 170]

The interpreter is that of `.ci/setup bench`, which has `jsonsubschema`; the engine and the crate
`jsoncompat` are timed by benches/compat_peers.rs, which is built first. A question is one direction of
one pair under plain set inclusion. Times are taken inside of each process, from JSON text to answer.
`jsonsubschema` has 2 seconds for a question and runs out of its budget at some point; it is scored on
the questions that it got to.
"""

import argparse
import json
import multiprocessing
import pathlib
import random
import signal
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = ROOT / "tests/data/compat"
SETS = ["containment", "jsoncompat", "jsonsubschema", "sentry"]
LIMIT = 2.0
# Seconds; a witness of thousands of values takes that long to build.
LARGE = 0.01


def questions(sample):
    """(id, writer, reader, label, pydantic) of every labelled direction."""
    found = []
    for name in SETS:
        for line in (DATA / f"{name}.jsonl").read_text().splitlines():
            row = json.loads(line)
            if row.get("expected_format_assert"):
                continue  # The peers differ in what they do with formats.
            for direction, sides in (("backward", ("old", "new")), ("forward", ("new", "old"))):
                label = row["expected"].get(direction)
                if label is not None:
                    sent, read = (row[side] for side in sides)
                    found.append((f"{row['id']} {direction}", sent, read, label, row["pydantic_subset"]))
    random.Random(7).shuffle(found)
    return found[:sample] if sample else found


def ask_jsonsubschema(sent, read):
    from jsonsubschema import isSubschema

    return bool(isSubschema(sent, read))


PEERS = {"jsonsubschema": ask_jsonsubschema}


def serve(name, connection):
    """Answers questions until the other end hangs up."""
    sys.stdout = sys.stderr = open("/dev/null", "w")
    ask = PEERS[name]

    def expire(_signal, _frame):
        raise TimeoutError

    signal.signal(signal.SIGALRM, expire)
    while True:
        try:
            sent, read = connection.recv()
        except EOFError:
            return
        signal.setitimer(signal.ITIMER_REAL, LIMIT)
        start = time.perf_counter()
        try:
            answer = ask(sent, read)
        except BaseException as error:  # RecursionError, panics of extensions, timeouts
            answer = type(error).__name__
        took = time.perf_counter() - start
        signal.setitimer(signal.ITIMER_REAL, 0)
        connection.send((answer, took))


class Worker:
    def __init__(self, name):
        self.name = name
        self.start()

    def start(self):
        self.connection, other = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=serve, args=(self.name, other), daemon=True)
        self.process.start()
        other.close()

    def ask(self, sent, read):
        try:
            self.connection.send((sent, read))
            if self.connection.poll(LIMIT + 1):
                return self.connection.recv()
        except (EOFError, OSError):
            pass
        self.process.kill()
        self.process.join()
        self.start()
        return ("Stopped", LIMIT)


def peer(name, asked, seconds):
    worker, answers, end = Worker(name), {}, time.monotonic() + seconds
    for key, sent, read, _, _ in asked:
        if time.monotonic() > end:
            break
        answers[key] = worker.ask(sent, read)
    worker.process.kill()
    return answers


def in_process(asked):
    """Answers and times of the engine and of `jsoncompat`."""
    command = ["cargo", "bench", "--quiet", "--locked", "--bench", "compat_peers"]
    lines = [json.dumps({"id": key, "writer": json.dumps(sent), "reader": json.dumps(read)}) for key, sent, read, _, _ in asked]
    done = subprocess.run(
        command, cwd=ROOT, check=True, input="\n".join(lines), stdout=subprocess.PIPE, text=True
    )
    rows = [json.loads(line) for line in filter(None, done.stdout.split("\n"))]
    tools = ("celerysalt", "jsoncompat")
    return {tool: {row["id"]: (row[tool]["answer"], row[tool]["seconds"]) for row in rows} for tool in tools}


def is_decided(answer):
    return isinstance(answer, bool)


def summary(name, asked, answers):
    reached = [item for item in asked if item[0] in answers]
    decided = [item for item in reached if is_decided(answers[item[0]][0])]
    wrong = [item for item in decided if answers[item[0]][0] != item[3]]
    others = [item for item in reached if not item[4]]
    open_others = sum(not is_decided(answers[item[0]][0]) for item in others)
    times = sorted(1e6 * answers[item[0]][1] for item in reached) or [0.0]
    return [
        name,
        str(len(reached)),
        str(len(decided)),
        str(len(wrong)),
        str(len(reached) - len(decided)),
        f"{open_others}/{len(others)}",
        f"{statistics.median(times):.0f}",
        f"{times[int(0.95 * (len(times) - 1))]:.0f}",
    ]


def comparison(name, mine, theirs):
    """How many times our time a peer takes, on the questions that both decide."""
    both = [k for k in mine if is_decided(mine[k][0]) and k in theirs and is_decided(theirs[k][0])]
    if not both:
        return f"{name}: no question that both decide"
    ratios = [theirs[key][1] / mine[key][1] for key in both]
    large = [key for key in both if mine[key][1] >= LARGE]
    small = [key for key in both if key not in set(large)]

    def total(keys):
        ours = sum(mine[key][1] for key in keys)
        return sum(theirs[key][1] for key in keys) / ours if ours else 0.0

    return (
        f"{name}, times our time on {len(both)} questions that both decide: "
        f"{statistics.median(ratios):.1f} median, {statistics.geometric_mean(ratios):.1f} geometric mean, "
        f"{total(both):.1f} in total, {total(small):.1f} in total without the {len(large)} "
        f"that take us {1000 * LARGE:.0f} ms or more"
    )


def print_table(lines):
    widths = [max(map(len, column)) for column in zip(*lines)]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sample", type=int, default=0, help="questions to ask; 0 for all")
    parser.add_argument("--seconds", type=float, default=80, help="budget of each peer")
    options = parser.parse_args()
    asked = questions(options.sample)
    answers = in_process(asked)
    answers.update((name, peer(name, asked, options.seconds)) for name in PEERS)
    mine = answers.pop("celerysalt")
    lines = [["tool", "asked", "decided", "wrong", "undecided", "not Pydantic", "median µs", "p95 µs"]]
    lines.append(summary("celerysalt", asked, mine))
    lines.extend(summary(name, asked, theirs) for name, theirs in answers.items())
    print_table(lines)
    for name, theirs in answers.items():
        print(comparison(name, mine, theirs))


if __name__ == "__main__":
    main()
