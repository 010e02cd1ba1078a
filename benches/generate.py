#!/usr/bin/env python3
"""Times `celerysalt generate stubs` end to end on 10,000 schemas, and on 100 beside a peer.

    python3 benches/generate.py [target/release/celerysalt]

Prints wall time, processor time (user and system, of all threads) and peak memory. The 10,000 are
generated into a fresh folder and then again, when no file changes. The 100 go to celerysalt and to
datamodel-code-generator (in target/venvs/generators, made by `.ci/setup bench`) in turn. The schemas
are made up by a seeded generator, in the words of Pydantic's `model_json_schema()`. Ends with 1 when
a goal is missed. Needs Linux or macOS.
"""

import json
import os
import pathlib
import random
import shutil
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PEER = ROOT / "target" / "venvs" / "generators" / "bin" / "datamodel-codegen"
MANY = 10_000
FEW = 100
ROUNDS = 5
GOAL_SECONDS = 2
GOAL_MIB = 300 * 10**6 / 2**20
GOAL_RATIO = 50

WORDS = (
    "account amount basket carrier channel charge city code company contact country coupon currency"
    " customer delivery discount due email expires fee handler invoice item language level limit"
    " locale note number order origin owner parcel partner payer payment phone plan postcode"
    " price priority product quantity rate reason receipt reference refund region retry score seller"
    " service shop sku source stage status stock street tax team terms token total user vendor weight"
).split()
VERBS = ("created", "updated", "cancelled", "paid", "shipped", "expired", "failed", "verified")


def title(name):
    return name.replace("_", " ").title()


def leaf(rng):
    """A field without a name: its schema, and whether it may be absent."""
    schema = rng.choice(
        (
            {"type": "string"},
            {"maxLength": rng.choice((2, 40, 200)), "minLength": 1, "type": "string"},
            {"pattern": "^[a-z]{2,3}_[0-9a-z]{8,}$", "type": "string"},
            {"type": "integer"},
            {"minimum": 0, "type": "integer"},
            {"type": "number"},
            {"default": False, "type": "boolean"},
            {"format": "uuid", "type": "string"},
            {"format": "date-time", "type": "string"},
            {"enum": ["web", "app", "partner", "import"], "type": "string"},
            {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None},
            {"anyOf": [{"format": "date", "type": "string"}, {"type": "null"}], "default": None},
            {"default": [], "items": {"type": "string"}, "type": "array"},
            {"additionalProperties": {"type": "string"}, "type": "object"},
            {"default": rng.choice(("EUR", "new", "")), "type": "string"},
        )
    )
    if rng.random() < 0.3:
        words = " ".join(rng.choice(WORDS) for _ in range(rng.randrange(4, 14)))
        schema = {**schema, "description": words.capitalize() + "."}
    return schema


def model(rng, name, count, references=()):
    names = rng.sample(WORDS, count - len(references)) + list(references)
    rng.shuffle(names)
    properties, required = {}, []
    for field in names:
        if field in references:
            schema = references[field]
        else:
            schema = {**leaf(rng), "title": title(field)}
        properties[field] = schema
        if "default" not in schema and (field in references or rng.random() < 0.95):
            required.append(field)
    whole = {"properties": properties, "title": name, "type": "object"}
    return {**whole, "required": required} if required else whole


def schema(rng):
    """Four to fourteen fields, up to three of them other models, an enumeration or a union."""
    definitions, references = {}, {}
    for nested in rng.sample(("Address", "Money", "Line", "Person"), rng.randrange(0, 4)):
        definitions[nested] = model(rng, nested, rng.randrange(2, 6))
        reference = {"$ref": f"#/$defs/{nested}"}
        listed = {"items": reference, "title": title(f"all_{nested.lower()}"), "type": "array"}
        if rng.random() < 0.4:
            references[f"all_{nested.lower()}"] = listed
        else:
            references[f"the_{nested.lower()}"] = reference
    if rng.random() < 0.3:
        states = {"enum": ["new", "open", "closed"], "title": "State", "type": "string"}
        definitions["State"] = states
        references["state"] = {"$ref": "#/$defs/State", "default": "new"}
    if rng.random() < 0.2:
        mapping = {}
        for kind in ("Card", "Bank", "Wallet"):
            member = model(rng, kind, rng.randrange(2, 5))
            tag = {"const": kind.lower(), "title": "Method", "type": "string"}
            member["properties"] = {"method": tag, **member["properties"]}
            member["required"] = ["method", *member.get("required", [])]
            definitions[kind] = member
            mapping[kind.lower()] = f"#/$defs/{kind}"
        references["means"] = {
            "discriminator": {"mapping": mapping, "propertyName": "method"},
            "oneOf": [{"$ref": target} for target in mapping.values()],
            "title": "Means",
        }
    whole = model(rng, "Schema", rng.randrange(4, 15) + len(references), references)
    return {"$defs": definitions, **whole} if definitions else whole


def documents(count):
    rng = random.Random(count)
    for number in range(count):
        words = f"{rng.choice(WORDS)}.{rng.choice(WORDS)}{number}.{rng.choice(VERBS)}"
        is_rpc = rng.random() < 0.1
        name = "".join(word.capitalize() for word in words.split("."))
        yield {
            "topic": words,
            "version": "v1",
            "mode": "rpc" if is_rpc else "broadcast",
            "description": f"Sent when the {words.split('.')[0]} was {words.split('.')[2]}.",
            "schema": schema(rng),
            "response_schema": schema(rng) if is_rpc else None,
            "error_schema": model(rng, "Error", 3) if is_rpc else None,
            "publisher": {"module": "shop.events", "class": name, "service": "shop"},
            "owner": "orders",
            "deprecated": False,
            "annotations": {},
        }


def write_registry(folder, events):
    size = 0
    for event in events:
        topic = folder / event["topic"]
        topic.mkdir(parents=True)
        text = json.dumps(event, indent=2)
        size += len(text)
        (topic / f"{event['version']}.json").write_text(text)
    return size


def measure(command, folder):
    """Wall seconds, processor seconds and peak MiB of a command that has to succeed."""
    start = time.monotonic()
    child = os.fork()
    if child == 0:
        os.chdir(folder)
        os.dup2(os.open(folder / "output", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
        os.execv(command[0], command)
    _, status, usage = os.wait4(child, 0)
    seconds = time.monotonic() - start
    if status != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {os.waitstatus_to_exitcode(status)}")
    unit = 1 if sys.platform == "darwin" else 1024
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit / 2**20


def middle(values):
    return sorted(values)[len(values) // 2]


def show(name, runs):
    wall, processor = [run[0] for run in runs], [run[1] for run in runs]
    print(
        "%-38s wall best %.3f s, median %.3f s; processor best %.3f s, median %.3f s; peak %.0f MiB"
        % (name, min(wall), middle(wall), min(processor), middle(processor), max(run[2] for run in runs))
    )


def many(binary, root):
    size = write_registry(root / "schemas", documents(MANY))
    print(f"{MANY} schemas, {size / MANY / 1024:.1f} KiB each")
    command = [binary, "generate", "stubs"]
    fresh, again = [], []
    for _ in range(ROUNDS):
        shutil.rmtree(root / "celerysalt_types", ignore_errors=True)
        fresh.append(measure(command, root))
        again.append(measure(command, root))
    show(f"{MANY} schemas, every file is new", fresh)
    show(f"{MANY} schemas, no file changes", again)
    runs = fresh + again
    best = max(min(run[0] for run in fresh), min(run[0] for run in again))
    peak = max(run[2] for run in runs)
    print("    " + (root / "output").read_text().strip().splitlines()[-1])
    return [
        (f"under {GOAL_SECONDS} s", best < GOAL_SECONDS),
        ("under 300 MB", peak < GOAL_MIB),
    ]


def beside_the_peer(binary, root):
    """The peer reads bare schemas, and RPCs without their answers."""
    events = list(documents(FEW))
    write_registry(root / "schemas", events)
    bare = root / "bare"
    bare.mkdir()
    for event in events:
        name = event["topic"].replace(".", "_")
        (bare / f"{name}.json").write_text(json.dumps(event["schema"]))
    ours = [binary, "generate", "stubs", "--style", "pydantic", "--out", "ours"]
    peer = [PEER, "--input", "bare", "--output", "theirs", "--input-file-type", "jsonschema"]
    peer += ["--output-model-type", "pydantic_v2.BaseModel", "--use-annotated", "--strict-nullable"]
    peer += ["--use-union-operator", "--target-python-version", "3.10", "--disable-timestamp"]
    peer += ["--formatters", "builtin"]
    mine, theirs = [], []
    for _ in range(ROUNDS):
        for folder in ("ours", "theirs"):
            shutil.rmtree(root / folder, ignore_errors=True)
        mine.append(measure(ours, root))
        theirs.append(measure(peer, root))
    show(f"{FEW} schemas, celerysalt", mine)
    show(f"{FEW} schemas, datamodel-code-generator", theirs)
    ratio = middle([run[0] for run in theirs]) / middle([run[0] for run in mine])
    processor = middle([run[1] for run in theirs]) / middle([run[1] for run in mine])
    print(f"    {ratio:.0f} times as fast by wall time, {processor:.0f} by processor time, medians")
    return [(f"{GOAL_RATIO} times as fast", ratio >= GOAL_RATIO)]


def main():
    binary = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "target/release/celerysalt")
    print("load before: %.2f on %d processors" % (os.getloadavg()[0], os.cpu_count()))
    goals = []
    with tempfile.TemporaryDirectory(prefix="celerysalt-bench-") as folder:
        goals += many(binary, pathlib.Path(folder))
    if PEER.exists():
        with tempfile.TemporaryDirectory(prefix="celerysalt-bench-") as folder:
            goals += beside_the_peer(binary, pathlib.Path(folder))
    else:
        print("datamodel-code-generator is missing: .ci/setup bench")
    for goal, is_met in goals:
        print(f"{goal}: {'met' if is_met else 'MISSED'}")
    sys.exit(not all(is_met for _, is_met in goals))


if __name__ == "__main__":
    main()
