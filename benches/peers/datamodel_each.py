"""datamodel-code-generator for each JSON Schema of a folder, in one process, one module each.

    datamodel_each.py SCHEMAS PACKAGE FLAG...

Prints a JSON object: the error of each schema of which nothing was generated.
"""

import contextlib
import io
import json
import pathlib
import sys
import warnings

from datamodel_code_generator.__main__ import main


def attempt(arguments):
    """The error, or nothing."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said):
            code = main(arguments)
    except (Exception, SystemExit) as error:
        return repr(error)
    return said.getvalue() if code else None


def run(schemas, package, flags):
    warnings.simplefilter("ignore")
    package.mkdir(parents=True, exist_ok=True)
    (package / "__init__.py").touch()
    failures = {}
    for path in sorted(schemas.glob("*.json")):
        output = package / f"{path.stem}.py"
        error = attempt(["--input", str(path), "--output", str(output), *flags])
        if error is not None:
            failures[path.stem] = error.strip().splitlines()[-1]
    print(json.dumps(failures))


run(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3:])
