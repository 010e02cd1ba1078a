# Reads event schemas out of Python modules. Runs in the user's interpreter, is never installed
# there, and must work with Python 3.8 and without any of the libraries.
import importlib
import importlib.util
import inspect
import json
import os
import sys
import sysconfig
import traceback

# The answer goes through a copy of stdout; whatever modules print goes to stderr.
_answer = os.dup(1)
os.dup2(2, 1)

_report = {"documents": [], "subscriptions": [], "queues": [], "lints": [], "failures": []}
_current_module = None


def lint(rule, level, message, suggestion=None, record=None, path=None, part=None):
    entry = {
        "rule": rule,
        "level": level,
        "topic": record and record.get("topic"),
        "version": record and record.get("version"),
        "class": record and record.get("class"),
        "part": part,
        "path": path,
        "message": message,
        "suggestion": suggestion,
    }
    if entry not in _report["lints"]:
        _report["lints"].append(entry)


def failure(kind, message, error=None, record=None, frames=None):
    if frames is None:
        frames = user_frames(error.__traceback__) if error is not None else []
    _report["failures"].append(
        {
            "kind": kind,
            "module": _current_module,
            "topic": record and record.get("topic"),
            "version": record and record.get("version"),
            "class": record and record.get("class"),
            "message": message,
            "frames": frames,
        }
    )


def describe(error):
    text = str(error).strip()
    name = type(error).__name__
    return "%s: %s" % (name, text) if text else name


def is_user_file(filename):
    if filename.startswith("<"):
        return False
    path = os.path.abspath(filename)
    if "site-packages" in path or "dist-packages" in path:
        return False
    for key in ("stdlib", "platstdlib"):
        library = sysconfig.get_paths().get(key)
        if library and path.startswith(os.path.join(library, "")):
            return False
    return True


def frame(filename, line, function, text):
    path = os.path.abspath(filename)
    if path.startswith(os.path.join(os.getcwd(), "")):
        path = os.path.relpath(path)
    return {"file": path, "line": line or 0, "function": function, "text": (text or "").strip()}


def user_frames(trace):
    return _own(traceback.extract_tb(trace))


def call_frames():
    return _own(traceback.extract_stack())


def _own(entries):
    return [
        frame(entry.filename, entry.lineno, entry.name, entry.line)
        for entry in entries
        if is_user_file(entry.filename)
    ]


def location(cls):
    try:
        filename = inspect.getsourcefile(cls)
        line = inspect.getsourcelines(cls)[1]
    except (OSError, TypeError, IndexError, SyntaxError):
        return None
    if not filename:
        return None
    found = frame(filename, line, None, None)
    return {"file": found["file"], "line": found["line"]}


def library_versions():
    from importlib import metadata

    versions = {}
    for name in ("celery-salt", "tchu-tchu", "celery", "pydantic", "djangorestframework", "django"):
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions


def send_answer():
    _report["python"] = {
        "version": "%d.%d.%d" % sys.version_info[:3],
        "executable": sys.executable,
        "libraries": library_versions(),
    }
    text = json.dumps(_report, allow_nan=False, ensure_ascii=False)
    # Half of a surrogate pair, from a file name or a message, is no text.
    data = text.encode("utf-8", "replace")
    with os.fdopen(_answer, "wb") as out:
        out.write(data)
