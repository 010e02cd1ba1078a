"""Measures the compatibility engine beside others on the labelled pairs of tests/data/compat.

    python3 benches/compat_peers.py target/release/celerysalt [--sample N] [--seconds 170]

Run with the interpreter of target/venvs/bench (made by `.ci/setup bench`), which has `jsonsubschema`
and `jsoncompat`. A question is one direction of one pair under plain set inclusion. Each tool has a
process of its own and 2 seconds for a question; a tool that runs out of the budget is scored on the
questions that it got to. Times are taken inside of the process, without its start; the engine's are
those of `schema compat --batch`, divided by two for each pair.
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
import tempfile
import time

DATA = pathlib.Path(__file__).resolve().parent.parent / "tests/data/compat"
SETS = ["containment", "jsoncompat", "jsonsubschema", "sentry"]
LIMIT = 2.0


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


def ask_jsoncompat(sent, read):
    import jsoncompat

    # The reader's schema is the old one for what a new writer sends.
    answer = jsoncompat.analyze_compat(json.dumps(read), json.dumps(sent), "serializer")
    return {"compatible": True, "incompatible": False}.get(answer["status"])


PEERS = {"jsonsubschema": ask_jsonsubschema, "jsoncompat": ask_jsoncompat}


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


def ours(binary, asked):
    """One process and one line at a time, so that each pair can be timed."""
    answers = {}
    words = {"compatible": True, "breaking": False, "undecided": None}
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "pairs.jsonl"
        command = [binary, "schema", "compat", "--batch", path, "--writer", "open", "-o", "jsonl"]
        for start in range(0, len(asked), 50):
            chunk = asked[start : start + 50]
            lines = [json.dumps({"id": key, "old": sent, "new": read}) for key, sent, read, _, _ in chunk]
            path.write_text("\n".join(lines))
            begin = time.perf_counter()
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            took = time.perf_counter() - begin
            for line in filter(None, done.stdout.split("\n")):
                found = json.loads(line)
                answers[found["id"]] = (words[found["backward"]["verdict"]], took / len(chunk) / 2)
    return answers


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


def ratio(mine, theirs):
    both = [k for k in mine if is_decided(mine[k][0]) and k in theirs and is_decided(theirs[k][0])]
    total = sum(mine[key][1] for key in both)
    return (sum(theirs[key][1] for key in both) / total if total else 0.0), len(both)


def print_table(lines):
    widths = [max(map(len, column)) for column in zip(*lines)]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary")
    parser.add_argument("--sample", type=int, default=0, help="questions to ask; 0 for all")
    parser.add_argument("--seconds", type=float, default=80, help="budget of each peer")
    options = parser.parse_args()
    asked = questions(options.sample)
    mine = ours(options.binary, asked)
    lines = [["tool", "asked", "decided", "wrong", "undecided", "not Pydantic", "median µs", "p95 µs"]]
    lines.append(summary("celerysalt", asked, mine))
    ratios = []
    for name in PEERS:
        theirs = peer(name, asked, options.seconds)
        lines.append(summary(name, asked, theirs))
        times, count = ratio(mine, theirs)
        ratios.append(f"{name}: {times:.1f} times our time on {count} questions that both decide")
    print_table(lines)
    print("\n".join(ratios))


if __name__ == "__main__":
    main()
