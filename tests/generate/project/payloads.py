"""Payloads for a schema: valid ones, and ones that are wrong in one place."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from typing import Any

FORMATS = {
    "date-time": ["2020-01-02T03:04:05Z", "2020-01-02T03:04:05", "2020-01-02T03:04:05.123+02:00"],
    "date": ["2020-01-02"],
    "time": ["03:04:05", "03:04"],
    "duration": ["PT5M", "P1DT2H"],
    "uuid": ["12345678-1234-5678-1234-567812345678"],
    "uuid4": ["12345678-1234-4678-9234-567812345678"],
    "email": ["a@example.com"],
    "name-email": ["Fred <fred@example.com>"],
    "uri": ["https://example.com/x"],
    "multi-host-uri": ["postgres://u:p@h:5432/d"],
    "ipv4": ["127.0.0.1"],
    "ipv6": ["::1"],
    "ipv4network": ["10.0.0.0/8"],
    "ipv6network": ["2001:db8::/32"],
    "ipv4interface": ["10.0.0.1/8"],
    "ipv6interface": ["2001:db8::1/32"],
    "ipvanyaddress": ["127.0.0.1", "::1"],
    "path": ["/tmp/x"],
    "base64": ["YWJj"],
    "binary": ["abc"],
    "password": ["hunter2"],
    "regex": ["^a+$"],
}
WORDS = [
    "x", "abc", "", "card", "A1", "AB1", "x-a", "aa", "12", "1234", '"12"', "'ab'", "\\", "1.5", "5",
    "true", "null", "red", "a longer text than most limits", "[1, 2]", "10MB",
]
ODD = [
    None, True, False, 0, 1, -1, 2, 7, 10, 1.0, 1.5, 1e30, 10**40, "", "x", "1", "1.5", "true", "abc",
    [], [1], ["a"], [None], {}, {"a": 1}, {"x": None}, "2020-01-02", "2020-01-02T03:04:05Z", "PT5M",
    "12345678-1234-4678-9234-567812345678", "12345678-1234-5678-1234-567812345678", "a@example.com",
    "not an email@", "https://example.com", "not a url", "127.0.0.1", "::1", "10.0.0.0/8", "YWJj",
    "postgres://u:p@h/d", "[1]", "x" * 3000,
]


def payloads(schema: dict[str, Any], rng: random.Random) -> Iterator[Any]:
    definitions = schema.get("$defs", {})
    for _ in range(12):
        value = sample(schema, definitions, rng, 0)
        yield value
        for _ in range(12):
            yield mutated(copy.deepcopy(value), rng)
    yield {}
    yield from ODD


def sample(schema: Any, definitions: dict[str, Any], rng: random.Random, depth: int) -> Any:
    if not isinstance(schema, dict) or not schema:
        return rng.choice(ODD[:20])
    if "$ref" in schema:
        return sample(definitions[schema["$ref"].split("/")[-1]], definitions, rng, depth + 1)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return rng.choice(schema["enum"])
    for keyword in ("oneOf", "anyOf"):
        if keyword in schema:
            members = schema[keyword]
            if depth > 4:
                members = [m for m in members if m.get("type") == "null"] or members
            return sample(rng.choice(members), definitions, rng, depth)
    kind = schema.get("type")
    if kind == "object":
        return sample_object(schema, definitions, rng, depth)
    if kind == "array":
        return sample_array(schema, definitions, rng, depth)
    if kind == "string":
        if "format" in schema and schema["format"] in FORMATS:
            return rng.choice(FORMATS[schema["format"]])
        return rng.choice(WORDS)
    if kind == "integer":
        low = schema.get("minimum", schema.get("exclusiveMinimum", -3))
        return rng.choice([low, low + 1, low + 2, 2, 4])
    if kind == "number":
        return rng.choice([schema.get("minimum", 0.5), 1, 1.5, 2])
    if kind == "boolean":
        return rng.choice([True, False])
    if kind == "null":
        return None
    return rng.choice(WORDS)


def sample_object(schema: Any, definitions: Any, rng: random.Random, depth: int) -> Any:
    value = {}
    required = schema.get("required", [])
    for name, field in schema.get("properties", {}).items():
        if name in required or (depth < 4 and rng.random() < 0.7):
            value[name] = sample(field, definitions, rng, depth + 1)
    extra = schema.get("additionalProperties", schema.get("patternProperties"))
    if isinstance(extra, dict) and "patternProperties" in schema:
        extra = next(iter(extra.values()))
    if extra is not None and extra is not False and depth < 4:
        for _ in range(rng.randint(0, 2)):
            keys = schema.get("propertyNames", {})
            key = sample({"type": "string", **keys}, definitions, rng, depth + 1)
            value[str(key)] = sample(extra, definitions, rng, depth + 1)
    return value


def sample_array(schema: Any, definitions: Any, rng: random.Random, depth: int) -> Any:
    value = [sample(item, definitions, rng, depth + 1) for item in schema.get("prefixItems", [])]
    if "items" in schema:
        low = schema.get("minItems", 0)
        high = min(schema.get("maxItems", low + 2), low + 2) if depth < 4 else low
        for _ in range(rng.randint(low, max(low, high)) - len(value)):
            value.append(sample(schema["items"], definitions, rng, depth + 1))
    return value


def mutated(value: Any, rng: random.Random) -> Any:
    """The value with one place changed."""
    places = list(walk(value))
    path = rng.choice(places)
    if not path:
        return rng.choice(ODD)
    parent = value
    for step in path[:-1]:
        parent = parent[step]
    action = rng.random()
    if action < 0.25 and isinstance(parent, dict):
        del parent[path[-1]]
    elif action < 0.35 and isinstance(parent, dict):
        parent["unknown"] = rng.choice(ODD)
    elif action < 0.45 and isinstance(parent, list):
        parent.append(rng.choice(ODD))
    else:
        parent[path[-1]] = rng.choice(ODD)
    return value


def walk(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    if isinstance(value, dict):
        for key, member in value.items():
            yield from walk(member, (*path, key))
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from walk(member, (*path, index))
