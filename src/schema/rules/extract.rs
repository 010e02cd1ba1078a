//! `CE…`: what celery-salt and tchu-tchu would do wrong with an event class, found while it is
//! read.

use super::Rule;

pub(super) static RULES: &[&Rule] = &[
    &ALIAS_ONLY,
    &ALIAS_NOT_SENT,
    &UNSENDABLE_TYPE,
    &EVENT_ON_MODEL,
    &INHERITED_FIELDS,
    &ROOT_MODEL_REQUEST,
    &SHARED_RESPONSE,
    &HANDLER_WITHOUT_SCHEMA,
    &DECIMAL_AS_FLOAT,
    &ANSWER_WITHOUT_EVENT,
    &IGNORED_BY_EVENT,
    &RENAMED_BY_SOURCE,
];

static ALIAS_ONLY: Rule = Rule {
    code: "CE001",
    name: "alias-only",
    summary: "a field can only be given by its alias, which the library never uses",
    explanation: "celery-salt builds the model from keyword arguments, which are field names. A \
                  field with an alias and without populate_by_name does not take its name: it is \
                  refused as missing, or silently lost when it is optional.",
    example: "email: str = Field(alias=\"emailAddress\"); publish(email=\"a@b.c\") is refused.",
    advice: "set populate_by_name=True in the model's configuration, or drop the alias",
};

static ALIAS_NOT_SENT: Rule = Rule {
    code: "CE002",
    name: "alias-not-sent",
    summary: "a field is sent by its name while the schema asks for its alias",
    explanation: "The registered schema lists aliases, but the library sends model_dump(), which \
                  uses field names. A reader that goes by the schema does not find the field.",
    example: "schema: {emailAddress}, sent: {\"email\": \"a@b.c\"}.",
    advice: "drop the alias, or set serialize_by_alias=True in the model's configuration",
};

static UNSENDABLE_TYPE: Rule = Rule {
    code: "CE003",
    name: "unsendable-type",
    summary: "a field has a type whose values the library's encoder cannot send",
    explanation: "The event is valid, and publishing it still fails: the encoder knows date, time, \
                  UUID, Decimal, Enum, bytes and set, and raises TypeError for everything else.",
    example: "timeout: timedelta, or address: IPv4Address.",
    advice: "use a type that JSON has, or add a field_serializer",
};

static EVENT_ON_MODEL: Rule = Rule {
    code: "CE004",
    name: "event-on-model",
    summary: "@event on a Pydantic model drops its defaults, validators and configuration",
    explanation: "@event reads annotations and class attributes and makes a model of its own. \
                  Pydantic has moved the defaults of a BaseModel elsewhere, so every field \
                  becomes required, and validators are gone.",
    example: "@event(\"user.signup\") class Signup(BaseModel): source: str = \"web\"",
    advice: "put @event on a plain class, or write a SaltEvent class with a Schema",
};

static INHERITED_FIELDS: Rule = Rule {
    code: "CE005",
    name: "inherited-fields",
    summary: "@event does not see fields that a class inherits",
    explanation: "Only the annotations of the decorated class itself become fields; those of its \
                  bases are missing from the schema and from what is sent.",
    example: "class Base: tenant_id: int; @event(\"a.b\") class B(Base): name: str",
    advice: "repeat the fields, or write a SaltEvent class, whose Schema inherits as usual",
};

static ROOT_MODEL_REQUEST: Rule = Rule {
    code: "CE006",
    name: "root-model-request",
    summary: "the request is a RootModel, which the library cannot send as it is",
    explanation: "An event is published as keyword arguments and received as a mapping. A \
                  RootModel of a list or a number has no field names; one of a mapping loses them \
                  from the schema.",
    example: "class Schema(RootModel[list[int]]): pass",
    advice: "write a model with one field that holds the list",
};

static SHARED_RESPONSE: Rule = Rule {
    code: "CE007",
    name: "shared-response",
    summary: "two versions of an RPC topic share one response, and the last one defined wins",
    explanation: "@event.response and @event.error are kept by topic alone. With two versions of \
                  the topic in one process, callers of the first get the schema of the second.",
    example: "@event.response(\"rpc.sum\") twice, once beside v1 and once beside v2.",
    advice: "write SaltEvent classes, which keep the response of each version",
};

static HANDLER_WITHOUT_SCHEMA: Rule = Rule {
    code: "CE008",
    name: "handler-without-schema",
    summary: "a handler subscribes to an event class that is not registered yet",
    explanation: "Subscribing looks the schema up when the module is imported. Where the event \
                  class is imported later, or nowhere, the worker refuses to start.",
    example: "@subscribe(\"order.placed\") in a module that does not import the event class.",
    advice: "import the event class before its handler",
};

static DECIMAL_AS_FLOAT: Rule = Rule {
    code: "CE009",
    name: "decimal-as-float",
    summary: "a Decimal is sent as a float and may lose digits",
    explanation: "The library's encoder turns Decimal into float. 15 to 17 digits survive, and \
                  0.1 + 0.2 is no longer 0.3 on the other side.",
    example: "total: Decimal; 12345678901234567.89 arrives as 12345678901234568.0.",
    advice: "send a string, or an integer of the smallest unit (cents)",
};

static ANSWER_WITHOUT_EVENT: Rule = Rule {
    code: "CE010",
    name: "answer-without-event",
    summary: "a response or error is declared for a topic that is no RPC event",
    explanation: "@event.response and @event.error belong to an event with mode=\"rpc\" and the \
                  same topic. Without one nothing is ever checked against them.",
    example: "@event.response(\"rpc.calculater.add\"), with a slip in the topic.",
    advice: "declare the event with mode=\"rpc\", or mend the topic",
};

static IGNORED_BY_EVENT: Rule = Rule {
    code: "CE011",
    name: "ignored-by-event",
    summary: "@event ignores validators, computed fields or configuration of the class",
    explanation: "@event makes a model from the annotations and defaults alone. Whatever else the \
                  class defines looks as if it worked, and is never called.",
    example: "@event(\"a.b\") class A: x: int; @field_validator(\"x\") def check(cls, x): …",
    advice: "write a SaltEvent class, whose Schema is a real model",
};

static RENAMED_BY_SOURCE: Rule = Rule {
    code: "CE012",
    name: "renamed-by-source",
    summary: "a serializer field is sent under the name of its source",
    explanation: "tchu-tchu sends validated_data, which Django REST framework keys by source, not \
                  by field name. A reader with the same serializer does not find the field.",
    example: "email = serializers.EmailField(source=\"user_email\") is sent as user_email.",
    advice: "name the field as its source",
};
