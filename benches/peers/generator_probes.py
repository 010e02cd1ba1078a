"""What a generator can be asked to say: a schema for each feature, with payloads that fit and that
do not. Schemas are in the words of Pydantic's `model_json_schema()`.
"""


def model(properties, required=None, title="Probe", **more):
    """The schema of a class, with the titles that Pydantic gives to fields."""
    titled = {
        name: field if "$ref" in field else {"title": name.title().replace("_", " ").strip()} | field
        for name, field in properties.items()
    }
    required = list(properties) if required is None else required
    schema = {"properties": titled, "required": required, "title": title, "type": "object"} | more
    return schema if required else {key: value for key, value in schema.items() if key != "required"}


CARD = model({"method": {"const": "card", "type": "string"}, "last4": {"type": "string"}}, title="Card")
BANK = model(
    {"method": {"enum": ["bank", "sepa"], "type": "string"}, "iban": {"type": "string"}}, title="Bank"
)
PAYMENT = {
    "discriminator": {
        "mapping": {"bank": "#/$defs/Bank", "card": "#/$defs/Card", "sepa": "#/$defs/Bank"},
        "propertyName": "method",
    },
    "oneOf": [{"$ref": "#/$defs/Card"}, {"$ref": "#/$defs/Bank"}],
}
GOOD, MIXED, UNKNOWN = (
    {"method": "sepa", "iban": "NL1"},
    {"method": "bank", "last4": "1234"},
    {"method": "owl", "iban": "NL1"},
)
CAT = model(
    {
        "pet": {"const": "cat", "type": "string"},
        "colour": {"const": "black", "type": "string"},
        "luck": {"type": "integer"},
    },
    title="BlackCat",
)
WHITE = model(
    {
        "pet": {"const": "cat", "type": "string"},
        "colour": {"const": "white", "type": "string"},
        "name": {"type": "string"},
    },
    title="WhiteCat",
)
LIZARD = model({"pet": {"const": "lizard", "type": "string"}, "scales": {"type": "boolean"}}, title="Lizard")


def nullable(schema):
    return {"anyOf": [schema, {"type": "null"}]}


def refer(name):
    return {"$ref": f"#/$defs/{name}"}


#: Feature, schema, payloads that fit, payloads that do not.
PROBES = [
    (
        "required, nullable and defaulted kept apart",
        model(
            {
                "needed": {"type": "integer"},
                "nullable": nullable({"type": "integer"}),
                "defaulted": {"default": 1, "type": "integer"},
                "both": nullable({"type": "integer"}) | {"default": None},
            },
            ["needed", "nullable"],
        ),
        [{"needed": 1, "nullable": None}, {"needed": 1, "nullable": 2, "defaulted": 3, "both": None}],
        [{"needed": 1}, {"needed": None, "nullable": 1}, {"needed": 1, "nullable": 1, "defaulted": None}],
    ),
    (
        "discriminated union in a field",
        model({"payment": PAYMENT}, **{"$defs": {"Bank": BANK, "Card": CARD}}),
        [{"payment": GOOD}],
        [{"payment": MIXED}, {"payment": UNKNOWN}],
    ),
    (
        "discriminated union in a list, in a dict, beside null",
        model(
            {
                "history": {"items": PAYMENT, "type": "array"},
                "by_name": {"additionalProperties": PAYMENT, "type": "object"},
                "current": nullable(PAYMENT),
            },
            **{"$defs": {"Bank": BANK, "Card": CARD}},
        ),
        [{"history": [GOOD], "by_name": {"a": GOOD}, "current": None}],
        [
            {"history": [MIXED], "by_name": {}, "current": None},
            {"history": [], "by_name": {"a": UNKNOWN}, "current": None},
            {"history": [], "by_name": {}, "current": MIXED},
        ],
    ),
    (
        "discriminated union in a discriminated union",
        model(
            {
                "pet": {
                    "discriminator": {
                        "mapping": {
                            "cat": {
                                "discriminator": {
                                    "mapping": {"black": "#/$defs/BlackCat", "white": "#/$defs/WhiteCat"},
                                    "propertyName": "colour",
                                },
                                "oneOf": [refer("BlackCat"), refer("WhiteCat")],
                            },
                            "lizard": "#/$defs/Lizard",
                        },
                        "propertyName": "pet",
                    },
                    "oneOf": [
                        {
                            "discriminator": {
                                "mapping": {"black": "#/$defs/BlackCat", "white": "#/$defs/WhiteCat"},
                                "propertyName": "colour",
                            },
                            "oneOf": [refer("BlackCat"), refer("WhiteCat")],
                        },
                        refer("Lizard"),
                    ],
                }
            },
            **{"$defs": {"BlackCat": CAT, "Lizard": LIZARD, "WhiteCat": WHITE}},
        ),
        [
            {"pet": {"pet": "cat", "colour": "white", "name": "Tom"}},
            {"pet": {"pet": "lizard", "scales": True}},
        ],
        [{"pet": {"pet": "cat", "colour": "black", "name": "Tom"}}],
    ),
    (
        "recursive models",
        model(
            {"tree": refer("Tree")},
            **{
                "$defs": {
                    "Tree": model(
                        {
                            "name": {"type": "string"},
                            "children": {"default": [], "items": refer("Tree"), "type": "array"},
                        },
                        ["name"],
                        title="Tree",
                    )
                }
            },
        ),
        [{"tree": {"name": "a", "children": [{"name": "b", "children": []}]}}],
        [{"tree": {"name": "a", "children": [{"children": []}]}}],
    ),
    (
        "named enumerations, with defaults",
        model(
            {"plan": {"$ref": "#/$defs/Plan", "default": "free"}},
            [],
            **{"$defs": {"Plan": {"enum": ["free", "paid"], "title": "Plan", "type": "string"}}},
        ),
        [{}, {"plan": "paid"}],
        [{"plan": "gold"}, {"plan": None}],
    ),
    (
        "limits of numbers, texts and lists, beside null too",
        model(
            {
                "code": nullable({"maxLength": 3, "pattern": "^[A-Z]+$", "type": "string"}),
                "count": {"minimum": 1, "type": "integer"},
                "tags": {"items": {"type": "string"}, "maxItems": 2, "type": "array"},
            }
        ),
        [{"code": None, "count": 1, "tags": []}, {"code": "ABC", "count": 2, "tags": ["a", "b"]}],
        [
            {"code": "ABCD", "count": 1, "tags": []},
            {"code": "a", "count": 1, "tags": []},
            {"code": None, "count": 0, "tags": []},
            {"code": None, "count": 1, "tags": ["a", "b", "c"]},
        ],
    ),
    (
        "formats: dates, UUIDs, durations",
        model(
            {
                "at": {"format": "date-time", "type": "string"},
                "day": {"format": "date", "type": "string"},
                "id": {"format": "uuid", "type": "string"},
                "length": {"format": "duration", "type": "string"},
            }
        ),
        [
            {
                "at": "2026-01-02T03:04:05",
                "day": "2026-01-02",
                "id": "12345678-1234-5678-1234-567812345678",
                "length": "PT5M",
            }
        ],
        [{"at": "soon", "day": "2026-01-02", "id": "12345678-1234-5678-1234-567812345678", "length": "PT5M"}],
    ),
    (
        "tuples",
        model(
            {
                "pair": {
                    "maxItems": 2,
                    "minItems": 2,
                    "prefixItems": [{"type": "string"}, {"type": "integer"}],
                    "type": "array",
                }
            }
        ),
        [{"pair": ["a", 1]}],
        [{"pair": ["a"]}, {"pair": ["a", "b"]}, {"pair": ["a", 1, 2]}],
    ),
    (
        "dicts whose keys are an enumeration",
        model(
            {
                "prices": {
                    "additionalProperties": {"type": "integer"},
                    "propertyNames": refer("Currency"),
                    "type": "object",
                }
            },
            **{"$defs": {"Currency": {"enum": ["EUR", "USD"], "title": "Currency", "type": "string"}}},
        ),
        [{"prices": {"EUR": 1}}],
        [{"prices": {"GBP": 1}}, {"prices": {"EUR": "x"}}],
    ),
    (
        "no further members (`extra='forbid'`)",
        model({"x": {"type": "integer"}}, additionalProperties=False),
        [{"x": 1}],
        [{"x": 1, "y": 1}],
    ),
    (
        "names that are no identifiers, or taken",
        model(
            {
                name: {"type": "integer"}
                for name in ("user-id", "class", "model_config", "_id", "2fa", "größe", "json")
            }
        ),
        [{"user-id": 1, "class": 1, "model_config": 1, "_id": 1, "2fa": 1, "größe": 1, "json": 1}],
        [
            {"user-id": 1, "class": 1, "model_config": 1, "_id": 1, "2fa": 1, "größe": 1},
            {"user-id": 1, "class": 1, "model_config": 1, "2fa": 1, "größe": 1, "json": 1},
            {"user-id": 1, "class": 1, "_id": 1, "2fa": 1, "größe": 1, "json": 1},
        ],
    ),
    (
        "descriptions with quotes, backslashes and ends of comments",
        model(
            {"x": {"description": "*/ \"\"\" ''' \\", "type": "integer"}},
            description='Ends """ here */ and \\',
        ),
        [{"x": 1}],
        [{}],
    ),
    (
        "payloads that are no objects",
        {"items": {"type": "integer"}, "title": "Probe", "type": "array"},
        [[1, 2]],
        [["a"], {"x": 1}],
    ),
]
