# Serializers of Django REST framework as JSON Schema.
_AUTHORIZATION = ("user", "company", "user_company")


class Translator:
    """`is_sent` asks for what leaves the sender instead of what a reader takes."""

    def __init__(self, record, part, is_sent):
        self.record = record
        self.part = part
        self.is_sent = is_sent
        self.definitions = {}
        self.names = {}

    def root(self, serializer_class):
        serializer = serializer_class()
        schema = self.serializer(serializer, "")
        if list(schema) == ["$ref"]:
            name = schema["$ref"].split("/")[-1]
            if not self.is_used(name):
                schema = self.definitions.pop(name)
        if self.definitions:
            schema = dict({"$defs": self.definitions}, **schema)
        return schema

    def is_used(self, name):
        return json.dumps({"$ref": "#/$defs/" + name}) in json.dumps(self.definitions)

    def serializer(self, serializer, path):
        from rest_framework import serializers

        if isinstance(serializer, serializers.ListSerializer):
            return self.list_schema(serializer, path)
        cls = type(serializer)
        if cls not in self.names:
            self.names[cls] = self.unique_name(cls.__name__)
            self.definitions[self.names[cls]] = None
            self.definitions[self.names[cls]] = self.object_schema(serializer, path)
        return {"$ref": "#/$defs/" + self.names[cls]}

    def unique_name(self, name):
        taken = set(self.names.values())
        unique, number = name, 2
        while unique in taken:
            unique, number = "%s%d" % (name, number), number + 1
        return unique

    def object_schema(self, serializer, path):
        properties, required = {}, []
        path = path + "." if path else ""
        for name, field in serializer.fields.items():
            if field.read_only:
                continue
            properties[name] = self.field(field, path + name)
            if field.required or is_hidden(field):
                required.append(name)
            if field.source not in (name, "*") and not is_hidden(field):
                self.lint_source(path + name, field)
        schema = {"properties": properties}
        if required:
            schema["required"] = required
        schema["title"] = type(serializer).__name__
        schema["type"] = "object"
        doc = vars(type(serializer)).get("__doc__")
        if doc:
            schema["description"] = inspect.cleandoc(doc)
        return schema

    def field(self, field, path):
        from rest_framework import serializers
        from rest_framework.fields import empty

        if is_hidden(field):
            # Filled in by the sender from its own context, never by the caller.
            is_object = path.split(".")[-1] in _AUTHORIZATION
            return {"type": "object"} if is_object else {}
        if isinstance(field, serializers.BaseSerializer):
            schema = self.serializer(field, path)
        else:
            schema = self.plain(field, path)
        if field.allow_null:
            schema = {"anyOf": [schema, {"type": "null"}]}
        if field.default is not empty and not callable(field.default):
            try:
                schema = dict(schema, default=checked_json(field.default))
            except (TypeError, ValueError):
                pass
        for name, text in (("title", field.label), ("description", field.help_text)):
            if text:
                schema[name] = str(text)
        return schema

    def list_schema(self, field, path):
        schema = {"type": "array", "items": self.field(field.child, path + "[]")}
        for name, keyword in (("min_length", "minItems"), ("max_length", "maxItems")):
            limit = getattr(field, name, None)
            if limit is not None:
                schema[keyword] = limit
        if getattr(field, "allow_empty", True) is False:
            schema["minItems"] = max(1, schema.get("minItems", 0))
        return schema

    def plain(self, field, path):
        from rest_framework import serializers

        for names, translate in _TRANSLATIONS:
            classes = tuple(getattr(serializers, name) for name in names if hasattr(serializers, name))
            if isinstance(field, classes):
                return translate(self, field, path)
        return {}

    def lint_source(self, path, field):
        lint(
            "CE012",
            "error",
            "%s is sent as %r, because the library sends validated data by source" % (path, field.source),
            "name the field as its source",
            self.record,
            path,
            self.part,
        )

    def lint_type(self, path, field):
        if self.part == "schema":
            lint(
                "CE003",
                "error",
                "%s is a %s, whose value the library's encoder cannot send"
                % (path, type(field).__name__),
                "use a field whose value JSON has",
                self.record,
                path,
                self.part,
            )


def is_hidden(field):
    from rest_framework import serializers

    return isinstance(field, serializers.HiddenField)


def limits(field, pairs):
    return {
        keyword: getattr(field, name)
        for name, keyword in pairs
        if getattr(field, name, None) is not None
    }


_RANGE = (("min_value", "minimum"), ("max_value", "maximum"))
_LENGTH = (("min_length", "minLength"), ("max_length", "maxLength"))


def text_field(format_name=None):
    def translate(translator, field, path):
        from django.core.validators import RegexValidator

        schema = {"type": "string"}
        schema.update(limits(field, _LENGTH))
        if getattr(field, "allow_blank", True) is False and "minLength" not in schema:
            schema["minLength"] = 1
        if format_name:
            schema["format"] = format_name
            return schema
        for validator in field.validators:
            if isinstance(validator, RegexValidator) and not validator.inverse_match:
                schema["pattern"] = validator.regex.pattern
        return schema

    return translate


def integer_field(translator, field, path):
    return dict({"type": "integer"}, **limits(field, _RANGE))


def number_field(translator, field, path):
    return dict({"type": "number"}, **limits(field, _RANGE))


def decimal_field(translator, field, path):
    number = {"type": "number"}
    number.update((key, float(value)) for key, value in limits(field, _RANGE).items())
    if translator.part == "schema":
        lint(
            "CE009",
            "warning",
            "%s is a DecimalField, which is sent as a float and may lose digits" % path,
            "send a string, or a number of the smallest unit",
            translator.record,
            path,
            translator.part,
        )
    if translator.is_sent:
        return number
    places = field.decimal_places
    fraction = r"(\.\d+)?" if places is None else r"(\.\d{1,%d})?" % places if places else ""
    return {"anyOf": [number, {"type": "string", "pattern": r"^-?\d+%s$" % fraction}]}


def choice_field(translator, field, path):
    values = list(field.choices)
    if getattr(field, "allow_blank", False):
        values.append("")
    return {"enum": values}


def multiple_choice_field(translator, field, path):
    schema = {"type": "array", "items": {"enum": list(field.choices)}, "uniqueItems": True}
    if field.allow_empty is False:
        schema["minItems"] = 1
    return schema


def dict_field(translator, field, path):
    schema = {"type": "object"}
    child = translator.field(field.child, path + "[]")
    if child:
        schema["additionalProperties"] = child
    if getattr(field, "allow_empty", True) is False:
        schema["minProperties"] = 1
    return schema


def ip_field(translator, field, path):
    protocol = getattr(field, "protocol", "both").lower()
    if protocol in ("ipv4", "ipv6"):
        return {"type": "string", "format": protocol}
    return {"anyOf": [{"type": "string", "format": "ipv4"}, {"type": "string", "format": "ipv6"}]}


def model_reference(translator, field, path):
    translator.lint_type(path, field)
    return {}


def many_references(translator, field, path):
    translator.lint_type(path, field)
    return {"type": "array", "items": {}}


def unsendable(schema):
    def translate(translator, field, path):
        translator.lint_type(path, field)
        return dict(schema)

    return translate


# The first entry that a field is an instance of counts: subclasses come before their bases.
_TRANSLATIONS = (
    (("ManyRelatedField",), many_references),
    (("SlugRelatedField", "HyperlinkedRelatedField"), unsendable({"type": "string"})),
    (("RelatedField",), model_reference),
    (("JSONField",), lambda translator, field, path: {}),
    (("HStoreField", "DictField"), dict_field),
    (("MultipleChoiceField",), multiple_choice_field),
    (("FilePathField", "ChoiceField"), choice_field),
    (("ListField",), Translator.list_schema),
    (("FileField",), unsendable({"type": "string"})),
    (("DurationField",), unsendable({"type": "string"})),
    (("BooleanField", "NullBooleanField"), lambda translator, field, path: {"type": "boolean"}),
    (("IntegerField",), integer_field),
    (("FloatField",), number_field),
    (("DecimalField",), decimal_field),
    (("DateTimeField",), text_field("date-time")),
    (("DateField",), text_field("date")),
    (("TimeField",), text_field("time")),
    (("UUIDField",), text_field("uuid")),
    (("IPAddressField",), ip_field),
    (("EmailField",), text_field("email")),
    (("URLField",), text_field("uri")),
    (("CharField",), text_field()),
)
