"""Compares generated models with the classes that they were generated from.

    compare.py PACKAGE SCHEMAS

PACKAGE is the folder of a generated package, SCHEMAS that of the registered documents. Prints a
JSON object: per topic whether the schema is the same and, where there is an original, which
payloads are judged differently.
"""

from __future__ import annotations

import importlib
import json
import random
import re
import sys
import warnings
from pathlib import Path
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from corpus.events import EVENTS, models
from payloads import payloads

HEADER = re.compile(r"^# topic: (.+), version: (.+), mode: (.+)$", re.MULTILINE)


def generated(package: Path) -> dict[str, type[BaseModel]]:
    """The request model of every topic of the package."""
    sys.path.insert(0, str(package.parent))
    found = {}
    for path in sorted(package.glob("*.py")):
        match = HEADER.search(path.read_text())
        if match is None:
            continue
        module = importlib.import_module(f"{package.name}.{path.stem}")
        events = [
            value
            for value in vars(module).values()
            if isinstance(value, type) and getattr(getattr(value, "Meta", None), "topic", "") == match[1]
        ]
        found[match[1]] = events[0].Schema if events else module.Payload
    return found


def canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def verdict(model: type[BaseModel], payload: Any) -> bool:
    try:
        model.model_validate(payload)
    except ValidationError:
        return False
    return True


def main() -> None:
    package, schemas = map(Path, sys.argv[1:3])
    warnings.simplefilter("ignore")
    originals = models()
    report = {}
    for topic, model in generated(package).items():
        document = json.loads((schemas / topic / "v1.json").read_text())
        row: dict[str, Any] = {"schema": document["schema"], "differs": False, "verdicts": []}
        regenerated = model.model_json_schema()
        row["differs"] = canonical(regenerated) != canonical(document["schema"])
        row["regenerated"] = regenerated
        report[topic] = row
        if topic not in originals:
            continue
        rng = random.Random(topic)
        count = 0
        for payload in payloads(document["schema"], rng):
            count += 1
            expected = verdict(originals[topic], payload)
            if verdict(model, payload) != expected:
                row["verdicts"].append({"payload": repr(payload)[:300], "original": expected})
        row["payloads"] = count
        if not row["differs"]:
            del row["schema"], row["regenerated"]
    json.dump(report, sys.stdout, indent=1, default=str)


if __name__ == "__main__":
    main()
