# Pydantic models: both schemas of a model, and what the library would do wrong with it.
import collections
import datetime
import decimal
import enum
import fractions
import ipaddress
import pathlib
import re
import types
import typing

_UNSENDABLE = (
    datetime.timedelta,
    pathlib.PurePath,
    frozenset,
    collections.deque,
    ipaddress.IPv4Address,
    ipaddress.IPv6Address,
    ipaddress.IPv4Network,
    ipaddress.IPv6Network,
    ipaddress.IPv4Interface,
    ipaddress.IPv6Interface,
    re.Pattern,
    complex,
    fractions.Fraction,
)
_UNIONS = (typing.Union, getattr(types, "UnionType", typing.Union))
_KEY_TYPES = (str, int, float, bool, type(None))


def add_schemas(record, models):
    """Fills the schemas of a record; a model that has none is a failure the library only logs."""
    for part, model in models.items():
        if model is None:
            continue
        try:
            record[part] = checked_json(model.model_json_schema())
            sent = "serialization_schema"
            if part != "schema":
                sent = part.replace("schema", "serialization_schema")
            record[sent] = checked_json(sent_schema(model, part))
        except Exception as error:
            failure(
                "schema",
                "%s has no JSON Schema: %s" % (class_name(model), describe(error).split("\n")[0]),
                record=record,
                frames=record["frames"],
            )
            record["schema"] = None
            return
        model_lints(record, model, part)


def sent_schema(model, part):
    """What leaves the sender: serialisation mode, and names unless aliases are switched on."""
    by_alias = bool(model.model_config.get("serialize_by_alias"))
    options = {"mode": "serialization", "by_alias": by_alias}
    if part == "schema":
        options["schema_generator"] = _request_generator()
    return model.model_json_schema(**options)


def _request_generator():
    from pydantic.json_schema import GenerateJsonSchema

    class RequestSchema(GenerateJsonSchema):
        # The library's encoder turns Decimal into a float before it is sent.
        def decimal_schema(self, schema):
            limits = {
                keyword: float(schema[name])
                for name, keyword in (
                    ("ge", "minimum"),
                    ("gt", "exclusiveMinimum"),
                    ("le", "maximum"),
                    ("lt", "exclusiveMaximum"),
                )
                if schema.get(name) is not None
            }
            return dict({"type": "number"}, **limits)

    return RequestSchema


def model_lints(record, model, part):
    from pydantic import RootModel

    if part == "schema" and issubclass(model, RootModel):
        root_lint(record)
        return
    for owner, path in nested_models(model, "", set()):
        for name, field in owner.model_fields.items():
            field_lints(record, owner, field, (path + name, name, part))


def root_lint(record):
    schema = record["schema"]
    if "$ref" in schema:
        schema = schema.get("$defs", {}).get(schema["$ref"].split("/")[-1], {})
    if schema.get("type") != "object":
        level = "error"
        message = "the request is a RootModel that is no mapping: the library cannot send it"
    elif "properties" not in record["schema"]:
        level = "warning"
        message = (
            "the request is a RootModel: a handler rebuilds its model from the schema's "
            "properties, finds none, and loses the whole payload"
        )
    else:
        return
    suggestion = "wrap the value in a model with one field"
    lint("CE006", level, message, suggestion, record, part="schema")


def nested_models(model, path, seen):
    from pydantic import BaseModel

    if model in seen:
        return
    seen.add(model)
    yield model, path
    for name, field in model.model_fields.items():
        for leaf, suffix, _ in leaf_types(field.annotation, ""):
            if isinstance(leaf, type) and issubclass(leaf, BaseModel):
                for found in nested_models(leaf, path + name + suffix + ".", seen):
                    yield found


def leaf_types(annotation, suffix, is_key=False):
    """Every class in an annotation, with how to get there (`[]`) and whether it is a key."""
    origin = typing.get_origin(annotation)
    arguments = typing.get_args(annotation)
    if origin is None:
        yield annotation, suffix, is_key
        return
    if origin is typing.Literal:
        return
    if origin in _UNIONS:
        pass
    elif isinstance(origin, type) and issubclass(origin, collections.abc.Mapping):
        yield origin, suffix, is_key
        for found in leaf_types(arguments[0], suffix, True):
            yield found
        arguments, suffix = arguments[1:], suffix + "[]"
    elif isinstance(origin, type):
        yield origin, suffix, is_key
        suffix += "[]"
    for argument in arguments:
        if argument is not Ellipsis:
            for found in leaf_types(argument, suffix, is_key):
                yield found


def field_lints(record, owner, field, where):
    path, name, part = where
    alias = field.validation_alias or field.alias
    config = owner.model_config
    if alias and not config.get("serialize_by_alias") and alias != name:
        by_name = config.get("populate_by_name") or config.get("validate_by_name")
        if by_name:
            lint(
                "CE002",
                "warning",
                "%s is sent as %r but the schema asks for its alias %r" % (path, name, alias_text(alias)),
                "drop the alias, or set serialize_by_alias",
                record,
                path,
                part,
            )
        else:
            lint(
                "CE001",
                "error",
                "%s can only be given by its alias %r, but the library passes field names: it is "
                "refused or lost" % (path, alias_text(alias)),
                "set populate_by_name, or drop the alias",
                record,
                path,
                part,
            )
    # Responses and errors leave through Pydantic's own JSON mode, which can write every type.
    if part == "schema" and not has_serializer(owner, field, name):
        type_lints(record, owner, field, (path, part))


def alias_text(alias):
    return alias if isinstance(alias, str) else repr(alias)


def has_serializer(owner, field, name):
    decorators = getattr(owner, "__pydantic_decorators__", None)
    if decorators is not None:
        if decorators.model_serializers:
            return True
        for decorator in decorators.field_serializers.values():
            if name in decorator.info.fields or "*" in decorator.info.fields:
                return True
    return any("Serializer" in type(item).__name__ for item in field.metadata)


def type_lints(record, owner, field, where):
    path, part = where
    for leaf, suffix, is_key in leaf_types(field.annotation, ""):
        if not isinstance(leaf, type):
            continue
        if issubclass(leaf, enum.Enum) and owner.model_config.get("use_enum_values"):
            continue
        if is_key and not issubclass(leaf, _KEY_TYPES):
            problem = "has %s keys" % leaf.__name__
        elif not is_key and is_unsendable(leaf):
            problem = "is a %s" % leaf.__name__
        elif not is_key and issubclass(leaf, decimal.Decimal):
            lint(
                "CE009",
                "warning",
                "%s is a Decimal, which is sent as a float and may lose digits" % (path + suffix),
                "send a string, or a number of the smallest unit",
                record,
                path + suffix,
                part,
            )
            continue
        else:
            continue
        lint(
            "CE003",
            "error",
            "%s %s, which the library's encoder cannot send" % (path + suffix, problem),
            "use a type that JSON has, or add a field_serializer",
            record,
            path + suffix,
            part,
        )


def is_unsendable(leaf):
    if issubclass(leaf, enum.Enum):
        return not issubclass(leaf, (str, int, float))
    if issubclass(leaf, _UNSENDABLE):
        return True
    module = leaf.__module__ or ""
    if module.split(".")[0] in ("pydantic", "pydantic_core"):
        return "Url" in leaf.__name__ or "Secret" in leaf.__name__ or "Dsn" in leaf.__name__ or (
            leaf.__name__ == "NameEmail"
        )
    return False
