# tchu-tchu: event classes with serializers of Django REST framework.
_TCHU_VERSION = "v1"
_tchu_instances = []


def hook_tchu():
    from tchu_tchu.events import TchuEvent

    original = TchuEvent.__init__

    def __init__(self, *arguments, **options):
        original(self, *arguments, **options)
        _tchu_instances.append((self, _current_module, call_frames()))

    TchuEvent.__init__ = __init__


def collect_tchu():
    from tchu_tchu.events import TchuEvent

    for event, module, frames in _tchu_instances:
        _tchu_add(type(event), event.topic, event, (module, frames))
    for cls in all_subclasses(TchuEvent):
        meta = getattr(cls, "Meta", None)
        topic = getattr(meta, "topic", None)
        if topic:
            _tchu_add(cls, topic, meta, (cls.__module__, []))
    _tchu_subscriptions()


def _tchu_add(cls, topic, holder, made):
    module, frames = made
    serializers = {
        part: getattr(holder, name, None)
        for part, name in (
            ("schema", "request_serializer_class"),
            ("response_schema", "response_serializer_class"),
            ("error_schema", "error_serializer_class"),
        )
    }
    answers = serializers["response_schema"] or serializers["error_schema"]
    record = new_record(topic, _TCHU_VERSION, "rpc" if answers else "broadcast", "", cls)
    record["frames"] = frames
    if cls.__module__.startswith("tchu_tchu") and frames:
        # Made without a class of its own: its place is where it was made.
        record["location"] = {"file": frames[-1]["file"], "line": frames[-1]["line"]}
        record["module"] = module
    for part, serializer in serializers.items():
        if serializer is None:
            continue
        try:
            record[part] = checked_json(Translator(record, part, False).root(serializer))
            sent = "serialization_schema"
            if part != "schema":
                sent = part.replace("schema", "serialization_schema")
            record[sent] = checked_json(Translator(record, part, True).root(serializer))
        except Exception as error:
            failure(
                "schema",
                "%s cannot be translated: %s" % (class_name(serializer), describe(error)),
                error,
                record,
            )
            return
    if record["schema"] is None:
        # Without a serializer any payload is sent as it is.
        record["schema"] = {"title": class_name(cls), "type": "object"}
    add_record(record)


def _tchu_subscriptions():
    from tchu_tchu.registry import get_registry

    registry = get_registry()
    for table in (registry._handlers, registry._pattern_handlers):
        for routing_key, handlers in table.items():
            for handler in handlers:
                _report["subscriptions"].append(
                    {
                        "topic": routing_key,
                        "version": None,
                        "handler": str(handler.get("id") or handler.get("name")),
                        "event_class": None,
                        "library": "tchu-tchu",
                    }
                )
