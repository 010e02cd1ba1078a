# celery-salt: event classes, responses, errors, subscriptions.
_salt_models = {"response_schema": {}, "error_schema": {}}
_salt_pending = []
_salt_versions = []


def hook_salt():
    import celery_salt.core.registry as registry_module
    from celery_salt.core import decorators, event_utils, events

    class Registry(registry_module.InMemorySchemaRegistry):
        # A handler of somebody else's event must not stop the extraction.
        def get_schema(self, topic, version="latest"):
            try:
                return super().get_schema(topic, version)
            except Exception:
                lint(
                    "CE008",
                    "warning",
                    "a handler subscribes to it, but no schema is registered when its module is "
                    "imported: the library refuses to start",
                    "import the event class first",
                    {"topic": topic, "version": version, "class": None},
                )
                return {"type": "object", "properties": {}}

    local = Registry()
    registry_module._global_registry = local
    # Nothing is written to a registry that the service would set.
    registry_module.set_schema_registry = lambda registry: None
    for module in (decorators, events, event_utils):
        if hasattr(module, "register_event_schema"):
            module.register_event_schema = _salt_register(local, events)
        if hasattr(module, "get_schema_registry"):
            module.get_schema_registry = lambda: local
    registry_module.get_schema_registry = lambda: local
    for name, part in (("response", "response_schema"), ("error", "error_schema")):
        wrapped = _salt_answer(getattr(decorators, name), part)
        setattr(decorators, name, wrapped)
        setattr(decorators.event, name, wrapped)
    _hook_subscriptions(decorators)


def _salt_register(local, events):
    def register_event_schema(
        topic, version, schema_model, publisher_class, mode="broadcast", description="", **others
    ):
        record = new_record(topic, version, mode, description, publisher_class)
        record["class_based"] = issubclass(publisher_class, events.SaltEvent)
        models = {
            "schema": schema_model,
            "response_schema": others.get("response_schema_model"),
            "error_schema": others.get("error_schema_model"),
        }
        _salt_add(record, models)
        if record["schema"] is not None:
            local.register_schema(
                topic, version, record["schema"], record["module"], record["class"]
            )

    return register_event_schema


def _salt_add(record, models):
    from celery_salt.core.events import SaltEvent

    # Every event class inherits these two; they say nothing.
    placeholders = (SaltEvent.Response, SaltEvent.Error)
    models = {part: None if model in placeholders else model for part, model in models.items()}
    add_schemas(record, models)
    if not record["class_based"]:
        decorator_lints(record, models["schema"])
    add_record(record)


def _salt_answer(original, part):
    def answer(topic, version="v1"):
        def decorate(cls):
            model = original(topic, version)(cls)
            frames = call_frames()
            _salt_models[part].setdefault(topic, []).append((version, model, cls, frames))
            return model

        return decorate

    return answer


def _hook_subscriptions(decorators):
    resolve = decorators._resolve_subscribe_args
    create = decorators._create_validated_handler

    def resolve_subscribe_args(*arguments, **options):
        resolved = resolve(*arguments, **options)
        _salt_versions[:] = [resolved[1]]
        return resolved

    def create_validated_handler(model, func, topic, event_cls):
        _report["subscriptions"].append(
            {
                "topic": topic,
                "version": _salt_versions[0] if _salt_versions else None,
                "handler": "%s.%s" % (func.__module__, func.__qualname__),
                "event_class": event_cls and class_name(event_cls),
                "library": "celery-salt",
            }
        )
        return create(model, func, topic, event_cls)

    decorators._resolve_subscribe_args = resolve_subscribe_args
    decorators._create_validated_handler = create_validated_handler


def collect_salt():
    from celery_salt.core.events import SaltEvent

    for cls in all_subclasses(SaltEvent):
        meta = getattr(cls, "Meta", None)
        if meta is None or getattr(meta, "auto_register", True) or not getattr(meta, "topic", None):
            continue
        mode = getattr(meta, "mode", "broadcast")
        version = getattr(meta, "version", "v1")
        record = new_record(meta.topic, version, mode, getattr(meta, "description", ""), cls)
        record["class_based"] = True
        _salt_add(
            record,
            {
                "schema": cls.Schema,
                "response_schema": getattr(cls, "Response", None),
                "error_schema": getattr(cls, "Error", None),
            },
        )
    attach_answers()


def all_subclasses(cls):
    for child in cls.__subclasses__():
        yield child
        for grandchild in all_subclasses(child):
            yield grandchild


def attach_answers():
    """The library keeps one decorated response per topic, whatever its version."""
    for part, topics in _salt_models.items():
        word = part.split("_")[0]
        for topic, answers in topics.items():
            requests = [
                record
                for record in _records.values()
                if record["topic"] == topic and not record.get("class_based")
            ]
            if not [record for record in requests if record["mode"] == "rpc"]:
                lint(
                    "CE010",
                    "warning",
                    "@event.%s names %s, but no RPC event with this topic was found"
                    % (word, topic),
                    'declare the event with mode="rpc"',
                    {"topic": topic, "version": answers[-1][0], "class": class_name(answers[-1][2])},
                    part=part,
                )
                continue
            _lint_versions(topic, answers, part)
            for record in requests:
                by_version = {version: model for version, model, _, _ in answers}
                model = by_version.get(record["version"], answers[-1][1])
                add_schemas(record, {part: model})


def _lint_versions(topic, answers, part):
    versions = sorted({version for version, _, _, _ in answers})
    if len(versions) < 2:
        return
    lint(
        "CE007",
        "error",
        "the versions %s of %s share one %s: the library keeps only %s, the last that was defined"
        % (", ".join(versions), topic, part.split("_")[0], class_name(answers[-1][2])),
        "use SaltEvent classes, which keep the response of each version",
        {"topic": topic, "version": answers[-1][0], "class": class_name(answers[-1][2])},
        part=part,
    )


def decorator_lints(record, model):
    """What `@event` loses on the way from the class to its own model."""
    from pydantic import BaseModel

    cls = record["cls"]
    kept = set(model.model_fields)
    inherited = [
        name
        for base in cls.__mro__[1:]
        if base not in (object, BaseModel)
        for name in vars(base).get("__annotations__", {})
        if name not in kept and not name.startswith("_")
    ]
    if inherited:
        lint(
            "CE005",
            "error",
            "@event does not see inherited fields: %s missing from the schema"
            % (", ".join(inherited) + (" is" if len(inherited) == 1 else " are")),
            "repeat the fields, or use a SaltEvent class",
            record,
        )
    if issubclass(cls, BaseModel):
        lost = [
            name
            for name, field in cls.model_fields.items()
            if name in kept and not field.is_required() and model.model_fields[name].is_required()
        ]
        lint(
            "CE004",
            "error" if lost else "warning",
            "@event on a BaseModel drops its %s"
            % ("defaults: %s became required" % ", ".join(lost) if lost else "validators and configuration"),
            "put @event on a plain class, or use a SaltEvent class",
            record,
        )
        return
    dropped = [
        name for name, value in vars(cls).items() if type(value).__name__ == "PydanticDescriptorProxy"
    ]
    if dropped or "model_config" in vars(cls):
        names = dropped + (["model_config"] if "model_config" in vars(cls) else [])
        lint(
            "CE011",
            "warning",
            "@event ignores %s" % ", ".join(names),
            "use a SaltEvent class, whose Schema is a real model",
            record,
        )
