"""Writes serialised.jsonl: values as Python's serialisers write them, with the JSON they stand for.

    python3 -m venv .venv && .venv/bin/pip install pyyaml msgpack kombu==5.7.0
    .venv/bin/python tests/data/make_serialised.py > tests/data/serialised.jsonl

Each line holds the format, the bytes in base64 and the JSON text. The JSON is what
`json.dumps` (kombu's, so that bytes have a form) makes of the value that Python reads back.
"""

import base64
import json
import pickle

import msgpack
import yaml
from kombu.utils.json import dumps

SHARED = ["shared"]
VALUES = [
    None, True, False, 0, 1, -1, 127, 128, 255, 256, 65535, 65536, -128, -129, -32769,
    2**31 - 1, -(2**31), 2**31, 2**63 - 1, -(2**63), 2**64 - 1,
    0.0, -0.0, 1.0, 9.5, 1e-7, 1.5e-7, 1e16, 1e22, 1.7976931348623157e308, 5e-324, 0.1,
    "", "plain", "zo\u00eb \u65e5\u672c \U0001f600", "quote \" back \\ slash / nl \n tab \t esc \x1b",
    "x" * 300, [], {}, [1, [2, [3, []]]], {"b": 1, "a": {"c": [None]}},
    list(range(20)), {f"k{n}": n for n in range(20)}, [SHARED, SHARED],
    ["yes", "null", "1", "1.5", "2026-01-02", "~", "", " lead", "0x1f", "1:30", "=", "<<", "a: b"],
    (["{\"a\": 1}"], {"routing_key": "t"}, {"callbacks": None}),
]
ONLY_PICKLE = [
    2**64, -(2**64), 10**100, -(10**1000), b"bytes", b"\xff\x00", (1,), (1, 2), (1, 2, 3),
    (1, 2, 3, 4), (), {1: "a", None: "b", True: "c", 1.5: "d"}, {"deep": [{"x": (1, [2])}] * 3},
]
ONLY_MSGPACK = [b"bytes", b"\xff\x00", {1: "a", None: "b", 1.5: "d", -5: "e"}]
YAML_TEXTS = [
    "a: yes\nb: No\nc: on\nd: OFF\ne: y\nf: true\ng: 'yes'\n",
    "[0, 010, 0o10, 0x1F, 0b101, 1_000, -0x10, +5, 08, 1:30, 1:30:00, -190:20:30, 0_7, 1__0]",
    "[1.5, -1.5, 1e3, 1.5e3, 1.5e+3, 1.5E-3, .5, -.5, 1., 1_0.2_5, 190:20:30.15, 1.2.3, 0.1]",
    "[~, null, Null, NULL, nUll, '', \"\"]",
    "- \n-\n- ~\n",
    "[2026-01-02, 2026-01-02T03:04:05Z, '2026-01-02']",
    "a: &x [1, 2]\nb: *x\nc: {d: *x}\n",
    "text: |\n  line 1\n  line 2\nfolded: >\n  a\n  b\n",
    "{2: a, 1.5: b, null: c, true: d}",
    "!!str 5", "!!int '5'", "!!float '5'", "!!float 5.5", "!!bool 'yes'", "!!null ''",
    "!!binary aGVsbG8=", "! 5", "'5'", "!!seq [1]", "!!map {a: 1}",
    "plain text with spaces", "", "# only a comment\n", "---\na: 1\n...\n", "\ufeffa: 1",
    "a:\n- b\n- c: d\n  e: f\n", "[a, b,]", "{a, b: 1}", "? x\n: y\n", "url: http://x/y#z\n",
    "[1:60, 1:5, 0:30, 1:2:3.5, +.5, ..5, 5e3, 1e-07, 1.0e-07, 0.0, -0, 00, +0x1]",
    "[0x, 0b, 0b2, 0xg, 1_, _1, +, ., -_1, 0., -0.0, 0b1_0, 0xA_B]",
]


def emit(kind, data, value):
    text = dumps(value, ensure_ascii=False, separators=(",", ":"), default_kwargs=None)
    print(json.dumps({"format": kind, "data": base64.b64encode(data).decode(), "json": text}))


def dates_as_text(text):
    """PyYAML makes dates of dates; JSON has none, so their text is what counts."""
    loader = type("Loader", (yaml.SafeLoader,), {})
    loader.add_constructor("tag:yaml.org,2002:timestamp", yaml.SafeLoader.construct_yaml_str)
    loader.add_constructor("tag:yaml.org,2002:value", yaml.SafeLoader.construct_yaml_str)
    return yaml.load(text, loader)


def main():
    for value in VALUES + ONLY_PICKLE:
        for protocol in range(6):
            data = pickle.dumps(value, protocol)
            if protocol < 3 and b"_codecs" in data:
                continue
            emit("pickle", data, value)
    emit("pickle", pickle.dumps({7}, 4), [7])
    emit("pickle", pickle.dumps(frozenset([7]), 4), [7])
    emit("pickle", pickle.dumps(bytearray(b"ab"), 5), b"ab")
    emit("pickle", b"(lp0\nS'it\\'s \\x41\\n'\np1\naI01\naI00\naL5L\naF1.5\na.",
         ["it's A\n", True, False, 5, 1.5])
    for value in VALUES + ONLY_MSGPACK:
        data = msgpack.packb(value, use_bin_type=True)
        emit("msgpack", data, msgpack.unpackb(data, raw=False, strict_map_key=False))
    emit("msgpack", b"\xdb\x00\x00\x00\x02ab", "ab")
    emit("msgpack", b"\xdd\x00\x00\x00\x01\xdf\x00\x00\x00\x01\xa1a\xc6\x00\x00\x00\x01b", [{"a": b"b"}])
    emit("msgpack", b"\xca\x3f\xc0\x00\x00", 1.5)
    for value in VALUES:
        value = list(value) if isinstance(value, tuple) else value
        if isinstance(value, str) and len(value) > 1000:
            continue
        data = yaml.safe_dump(value).encode()
        emit("yaml", data, yaml.safe_load(data))
    for text in YAML_TEXTS:
        emit("yaml", text.encode(), dates_as_text(text))


main()
