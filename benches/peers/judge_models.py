"""Judges generated Python modules: the schema they give again, and what they accept.

    judge_models.py FOLDER PACKAGE SCHEMAS [PAYLOADS.json]

FOLDER holds PACKAGE, SCHEMAS the JSON Schemas, one file for each module. PAYLOADS.json holds lists
of payloads by schema; without it the payloads are those of tests/generate/project, and the verdicts
of the original classes are asked for too. Prints a JSON object by schema: `equal`, `verdicts` (of
each payload, or null where the module cannot be used), `originals`.
"""

import importlib
import inspect
import json
import pathlib
import random
import re
import sys
import warnings

import pydantic

HEADER = re.compile(r"^# topic: (\S+), version", re.MULTILINE)
PARTS = {"request": "Payload", "response": "Response", "error": "Error"}


def stem(topic, part):
    return re.sub(r"\W", "_", topic) + f"__{part}"


def is_model(value, module):
    is_own = inspect.isclass(value) and value.__module__ == module.__name__
    return is_own and issubclass(value, pydantic.BaseModel)


def roots(folder, package, schemas):
    """By schema: the class of the whole payload, and all classes of its module."""
    found = {}
    for path in sorted((folder / package).glob("*.py")):
        topic = HEADER.search(path.read_text())
        try:
            module = importlib.import_module(f"{package}.{path.stem}")
        except Exception as error:
            print(f"{package}.{path.stem}: {error!r:.200}", file=sys.stderr)
            continue
        models = [value for value in vars(module).values() if is_model(value, module)]
        if topic:
            for part, name in PARTS.items():
                if stem(topic[1], part) in schemas and hasattr(module, name):
                    found[stem(topic[1], part)] = (getattr(module, name), models)
        elif path.stem in schemas and models:
            title = schemas[path.stem].get("title", "")
            named = [model for model in models if model.__name__ == title]
            found[path.stem] = ((named or models[-1:])[0], models)
    return found


def canonical(value):
    return json.dumps(value, sort_keys=True)


def gives_again(model, schema):
    try:
        return canonical(model.model_json_schema()) == canonical(schema)
    except Exception:
        return False


def verdicts(model, payloads):
    adapter = pydantic.TypeAdapter(model)

    def accepts(payload):
        try:
            adapter.validate_python(payload)
        except pydantic.ValidationError:
            return False
        return True

    try:
        return [accepts(payload) for payload in payloads]
    except Exception as error:
        return repr(error)[:200]


def corpus_payloads(schemas):
    """Payloads and original classes by schema, of the topics that have one."""
    from corpus.events import models
    from payloads import payloads

    originals = {stem(topic, "request"): (topic, model) for topic, model in models().items()}
    lists = {
        name: list(payloads(schemas[name], random.Random(topic)))
        for name, (topic, _) in originals.items()
        if name in schemas
    }
    return lists, {name: model for name, (_, model) in originals.items()}


def main():
    folder, package, schema_folder = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
    warnings.simplefilter("ignore")
    sys.path.insert(0, str(folder))
    schemas = {path.stem: json.loads(path.read_text()) for path in schema_folder.glob("*.json")}
    if len(sys.argv) > 4:
        payloads, originals = json.loads(pathlib.Path(sys.argv[4]).read_text()), {}
    else:
        payloads, originals = corpus_payloads(schemas)
    report = {}
    for name, (root, models) in roots(folder, package, schemas).items():
        asked = payloads.get(name, [])
        report[name] = {
            "equal": any(gives_again(model, schemas[name]) for model in [root, *models]),
            "verdicts": verdicts(root, asked),
            "originals": verdicts(originals[name], asked) if name in originals else None,
        }
    print(json.dumps(report))


main()
