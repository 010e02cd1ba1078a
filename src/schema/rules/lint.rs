//! `CL…`: style and traps of a single schema, whatever it was before.

use super::Rule;

pub(super) static RULES: &[&Rule] = &[
    &TOPIC_NAMING,
    &VERSION_IN_TOPIC,
    &VERSION_NAMING,
    &EVENT_UNDESCRIBED,
    &FIELD_UNDESCRIBED,
    &CLOSED_BROADCAST,
    &MONEY_AS_FLOAT,
    &OPTIONAL_WITHOUT_DEFAULT,
    &UNKNOWN_FORMAT,
    &RESERVED_FIELD,
    &RESPONSE_LIKE_ERROR,
    &PATTERN_UNUSABLE,
    &REQUIRED_WITH_DEFAULT,
    &ENUM_OF_ONE,
    &DEPRECATED_WITHOUT_REASON,
    &RPC_WITHOUT_RESPONSE,
    &BROADCAST_WITH_RESPONSE,
    &PUBLISHER_UNKNOWN,
    &UNUSABLE_SCHEMA,
    &REQUEST_NOT_OBJECT,
    &DEFAULT_DOES_NOT_FIT,
];

pub static TOPIC_NAMING: Rule = Rule {
    code: "CL001",
    name: "topic-naming",
    summary: "a topic is not two or more lower-case words joined by dots",
    explanation: "Routing keys tell upper and lower case apart, and patterns work on whole words. \
                  One style for all topics is what makes `order.*` find every event of orders.",
    example: "OrderPlaced, order-placed and orderplaced instead of order.placed.",
    advice: "name it like order.placed: what it is about, then what happened; a new topic needs \
             its old one published for as long as somebody listens",
};

pub static VERSION_IN_TOPIC: Rule = Rule {
    code: "CL002",
    name: "version-in-topic",
    summary: "a topic has a version in its name",
    explanation: "Versions of an event travel beside the topic. In the topic they make every new \
                  version a new routing key that no binding knows.",
    example: "order.placed.v2 with version v1.",
    advice: "keep the topic and register the change as a new version",
};

pub static VERSION_NAMING: Rule = Rule {
    code: "CL003",
    name: "version-naming",
    summary: "a version is not written like v1 or v1.2",
    explanation: "The services compare versions by their numbers and accept several spellings; \
                  mixed spellings of one version are hard to find in logs and file names.",
    example: "2, v01 or V2 instead of v2.",
    advice: "write v, then numbers joined by dots",
};

pub static EVENT_UNDESCRIBED: Rule = Rule {
    code: "CL004",
    name: "event-undescribed",
    summary: "an event has no description",
    explanation: "When an event is published, and what a handler may conclude from it, is the part \
                  of the contract that no schema says.",
    example: "order.placed without a word on whether it is paid.",
    advice: "write a docstring on the event class, or `celerysalt schema annotate TOPIC \
             --description TEXT`",
};

pub static FIELD_UNDESCRIBED: Rule = Rule {
    code: "CL005",
    name: "field-undescribed",
    summary: "fields have no description",
    explanation: "Units, time zones and what an absent value means are not in the type.",
    example: "weight: float, in grams or in pounds?",
    advice: "give the fields a description: Field(description=\"…\")",
};

pub static CLOSED_BROADCAST: Rule = Rule {
    code: "CL006",
    name: "closed-broadcast",
    summary: "a broadcast event refuses fields it does not know",
    explanation: "Handlers of this version meet the events of all later versions. With \
                  additionalProperties: false they reject every event that has one field more, so \
                  no field can ever be added.",
    example: "model_config = ConfigDict(extra=\"forbid\") on an event class.",
    advice: "drop extra=\"forbid\" (additionalProperties: false) from events that are broadcast",
};

pub static MONEY_AS_FLOAT: Rule = Rule {
    code: "CL007",
    name: "money-as-float",
    summary: "an amount of money is a floating-point number",
    explanation: "JSON numbers become binary floats in most languages: sums drift and digits are \
                  lost. A Decimal field is sent as a float too.",
    example: "total: float, or amount: Decimal.",
    advice: "send an integer of the smallest unit (cents), or a string",
};

pub static OPTIONAL_WITHOUT_DEFAULT: Rule = Rule {
    code: "CL008",
    name: "optional-without-default",
    summary: "optional fields do not say what their absence means",
    explanation: "Each reader has to choose a value for itself when the field is not there, and \
                  they will not choose the same.",
    example: "{\"properties\": {\"source\": {\"type\": \"string\"}}} without source in required.",
    advice: "give the field a default, null if nothing else fits",
};

pub static UNKNOWN_FORMAT: Rule = Rule {
    code: "CL009",
    name: "format-unknown",
    summary: "a format is not one that validators know",
    explanation: "A format that nobody knows is not checked by anybody: it looks like a promise \
                  and is a comment.",
    example: "\"format\": \"datetime\" instead of \"date-time\".",
    advice: "use a format of JSON Schema, or a pattern",
};

pub static RESERVED_FIELD: Rule = Rule {
    code: "CL010",
    name: "reserved-name",
    summary: "a field is called _tchu_meta, which the libraries keep for themselves",
    explanation: "The libraries add _tchu_meta to every body and take it out before a handler sees \
                  the event. A field of that name never arrives.",
    example: "_tchu_meta: dict",
    advice: "choose another name for the field",
};

pub static RESPONSE_LIKE_ERROR: Rule = Rule {
    code: "CL011",
    name: "response-like-error",
    summary: "a response declares error_code or error_message",
    explanation: "A caller tells a business error from an answer by these members. A good answer \
                  that has one of them is taken for an error.",
    example: "response {ok, error_code} with error_code null when all is well.",
    advice: "rename the field, or describe the error with an error schema",
};

pub static PATTERN_UNUSABLE: Rule = Rule {
    code: "CL012",
    name: "pattern-unusable",
    summary: "a pattern uses what Pydantic's regular expressions do not have",
    explanation: "Pydantic matches patterns with Rust's regex crate: no look-around, no \
                  back-references. A model generated from this schema does not even import.",
    example: "^(?!test).*$",
    advice: "write the pattern without look-around and back-references, or check the rest in a \
             validator",
};

pub static REQUIRED_WITH_DEFAULT: Rule = Rule {
    code: "CL013",
    name: "required-with-default",
    summary: "a required field has a default, which is never used",
    explanation: "A default speaks when the field is absent, and an event in which it is absent is \
                  refused.",
    example: "{\"required\": [\"source\"], \"properties\": {\"source\": {\"default\": \"web\"}}}",
    advice: "drop the default, or take the field out of required",
};

pub static ENUM_OF_ONE: Rule = Rule {
    code: "CL014",
    name: "enum-of-one",
    summary: "an enum has a single value",
    explanation: "Old handlers reject every value that is added to an enum later. One value is \
                  either a constant, and should say so, or the start of a list that will grow.",
    example: "\"enum\": [\"card\"]",
    advice: "use const for a tag; use a plain string where values will be added",
};

pub static DEPRECATED_WITHOUT_REASON: Rule = Rule {
    code: "CL015",
    name: "deprecated-without-reason",
    summary: "something is deprecated without saying what to use instead",
    explanation: "Those who still use it need to know where to go, and by when.",
    example: "\"deprecated\": true",
    advice: "say what replaces it: `celerysalt schema deprecate TOPIC@VERSION --reason TEXT`, or \
             the description of the field",
};

pub static RPC_WITHOUT_RESPONSE: Rule = Rule {
    code: "CL016",
    name: "rpc-without-response",
    summary: "an RPC event does not describe its response",
    explanation: "Callers take whatever comes back, and no change of the answer can be judged.",
    example: "@event(\"rpc.sum\", mode=\"rpc\") without an @event.response(\"rpc.sum\").",
    advice: "declare the response: @event.response(TOPIC), or a Response in the SaltEvent class",
};

pub static BROADCAST_WITH_RESPONSE: Rule = Rule {
    code: "CL017",
    name: "broadcast-with-response",
    summary: "a broadcast event describes an answer that nobody can give",
    explanation: "Nobody waits for an answer to a broadcast. Either the mode or the response is a \
                  slip.",
    example: "\"mode\": \"broadcast\" beside a response_schema.",
    advice: "set the mode to rpc, or drop the response and error schemas",
};

pub static PUBLISHER_UNKNOWN: Rule = Rule {
    code: "CL018",
    name: "publisher-unknown",
    summary: "nobody is named as publisher or owner of an event",
    explanation: "When the event is wrong, or has to change, somebody has to be asked.",
    example: "a document written by hand, without publisher and owner.",
    advice: "name a team: `celerysalt schema annotate TOPIC --owner TEAM`",
};

pub static UNUSABLE_SCHEMA: Rule = Rule {
    code: "CL019",
    name: "unusable-schema",
    summary: "a schema is not a JSON Schema that events can be checked against",
    explanation: "A type that does not exist, a bound that is no number or a reference that leads \
                  nowhere: no validator takes the schema, so nothing is checked.",
    example: "{\"type\": \"text\"}",
    advice: "mend the schema where the pointer leads",
};

pub static REQUEST_NOT_OBJECT: Rule = Rule {
    code: "CL020",
    name: "request-not-object",
    summary: "the payload is not an object",
    explanation: "The libraries send a mapping of field names to values and hand a handler a \
                  mapping. Nothing else can be published or received.",
    example: "{\"type\": \"array\", \"items\": {\"type\": \"integer\"}}",
    advice: "wrap it: an object with one field that holds the value",
};

pub static DEFAULT_DOES_NOT_FIT: Rule = Rule {
    code: "CL021",
    name: "default-does-not-fit",
    summary: "a default is not a value that the field accepts",
    explanation: "Publishers send defaults: every field of model_dump() is there. Pydantic does \
                  not check a default on the way out, and the handler's model rejects it.",
    example: "note: str = None is sent as null, and a string is asked for.",
    advice: "allow the default (str | None), or choose one that the type accepts",
};
