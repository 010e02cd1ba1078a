# What was found, one record per topic and version.
_records = {}
_SCHEMA_PARTS = ("schema", "response_schema", "error_schema")


def add_record(record):
    """Keeps the first record of a topic and version; a different one is a conflict."""
    key = (record["topic"], record["version"])
    known = _records.get(key)
    if known is None:
        _records[key] = record
        return
    differing = [part for part in _SCHEMA_PARTS if known.get(part) != record.get(part)]
    if not differing or record["cls"] is known["cls"]:
        return
    failure(
        "conflict",
        "%s and %s define %s %s with a different %s"
        % (known["class"], record["class"], key[0], key[1], " and ".join(differing)),
        record=record,
        frames=record.get("frames") or [],
    )


def checked_json(value):
    """The value as JSON would give it back; NaN, half surrogates and other things that JSON cannot
    say are an error."""
    text = json.dumps(value, allow_nan=False, ensure_ascii=False)
    text.encode("utf-8")
    return json.loads(text)


def class_name(cls):
    return getattr(cls, "__qualname__", cls.__name__).replace("<locals>.", "")


def new_record(topic, version, mode, description, cls):
    return {
        "topic": topic,
        "version": version,
        "mode": mode,
        "description": description or "",
        "class": class_name(cls),
        "module": cls.__module__,
        "cls": cls,
        "schema": None,
        "response_schema": None,
        "error_schema": None,
        "frames": call_frames(),
    }


def finish_records():
    for key in sorted(_records, key=lambda key: (str(key[0]), str(key[1]))):
        record = _records[key]
        if record["schema"] is None:
            continue
        document = {
            name: record[name]
            for name in ("topic", "version", "mode", "description") + _SCHEMA_PARTS
        }
        for part, name in (
            ("schema", "serialization_schema"),
            ("response_schema", "response_serialization_schema"),
            ("error_schema", "error_serialization_schema"),
        ):
            sent = record.get(name)
            if sent is not None and sent != record[part]:
                document[name] = sent
        document["publisher"] = {
            "module": record["module"],
            "class": record["class"],
            "service": None,
        }
        place = record.get("location") or location(record["cls"])
        _report["documents"].append({"document": document, "location": place})
