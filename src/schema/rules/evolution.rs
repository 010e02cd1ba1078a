//! `CS1…`: what goes wrong around a change although every single event may fit.

use super::Rule;

pub static VERSION_REUSED: Rule = Rule {
    code: "CS101",
    name: "version-reused",
    summary: "a registered version has been given another meaning",
    explanation: "Topic and version name one schema for good. Services that have the registered \
                  schema and services that have the new one both call it by the same name, and \
                  celery-salt refuses to start where it sees both (SchemaConflictError).",
    example: "order.placed v1 is registered with qty >= 1, and the code now says qty >= 0.",
    advice: "leave the registered version as it is and publish the change under the next version",
};

pub static VERSION_REWORDED: Rule = Rule {
    code: "CS102",
    name: "version-reworded",
    summary: "a registered version has another text and the same meaning",
    explanation: "Both schemas accept the same events and send the same events; only the text \
                  differs. An upgrade of Pydantic, a moved model or a changed description does \
                  this. celery-salt compares texts, so services with both texts in one process \
                  conflict.",
    example: "an enum written inline became a $ref to a named enum with the same members.",
    advice: "nothing has to be done for events; upgrade Pydantic in all services of a process alike",
};

pub static VERSION_GAP: Rule = Rule {
    code: "CS103",
    name: "version-gap",
    summary: "all known handlers are above a version that is still published",
    explanation: "A handler of version X gets the messages of version X and above. A message that \
                  is older than every handler reaches nobody and is dropped with a log line.",
    example: "order.placed is published as v1, and the only handler subscribes to v2.",
    advice: "publish the newer version only, or keep a handler for the older one",
};

pub static VERSION_REMOVED: Rule = Rule {
    code: "CS104",
    name: "version-removed",
    summary: "a registered version, or a whole topic, is gone",
    explanation: "A handler that subscribes to a topic or version without a schema does not start, \
                  and events that are still queued cannot be checked any more.",
    example: "order.placed v1 is deleted while a service still subscribes to it.",
    advice: "deprecate the version first and delete it when nobody sends or reads it",
};

pub static VERSION_ORDER: Rule = Rule {
    code: "CS105",
    name: "version-order",
    summary: "a new version is below the latest one",
    explanation: "Versions are compared as numbers, not by the time they were registered: `latest` \
                  stays what it was, and handlers of the new version also get events of the higher \
                  ones.",
    example: "v1.5 is added when v2 is registered.",
    advice: "number the new version above the latest, unless an old line is really to be continued",
};

pub static ALIAS_TRAP: Rule = Rule {
    code: "CS110",
    name: "alias-trap",
    summary: "a field is published under another name than readers look for",
    explanation: "The library publishes model_dump(), which uses field names, while the registered \
                  schema shows the alias. Readers look for the alias and do not find it: a required \
                  field makes them reject the event, an optional one is lost in silence.",
    example: "user_id: int = Field(alias=\"userId\") is sent as user_id and read as userId.",
    advice: "drop the alias, or set serialize_by_alias=True on the model",
};

pub static RESERVED_FIELD: Rule = Rule {
    code: "CS111",
    name: "reserved-field",
    summary: "the payload declares `_tchu_meta`, which belongs to the library",
    explanation: "The library adds `_tchu_meta` to every message and removes it before it validates. \
                  A field of that name is overwritten by the sender and never reaches the reader.",
    example: "class Order(BaseModel) with a field whose alias is _tchu_meta.",
    advice: "give the field another name",
};

pub static RESPONSE_ERROR_KEY: Rule = Rule {
    code: "CS112",
    name: "response-error-key",
    summary: "a response declares `error_code` or `error_message`",
    explanation: "Callers tell answers from errors by these two names: a response that contains one \
                  of them is raised as an error, however successful it was.",
    example: "a Response with the fields result and error_code: int | None = None.",
    advice: "rename the field, or describe it in the error schema",
};

pub static MODE_CHANGED: Rule = Rule {
    code: "CS113",
    name: "mode-changed",
    summary: "a topic turned from broadcast into RPC or back",
    explanation: "Callers of an RPC wait for an answer that a broadcast never gives; an RPC that is \
                  published as a broadcast has no caller to answer.",
    example: "user.lookup v1 is rpc and v2 is broadcast.",
    advice: "use a new topic for the other way of talking",
};

pub static RESPONSE_REMOVED: Rule = Rule {
    code: "CS114",
    name: "response-removed",
    summary: "an RPC topic no longer says what it answers",
    explanation: "Callers have been promised the fields of the response schema. Without one, nothing \
                  keeps handlers from answering something else.",
    example: "v1 answers {total}, v2 has no response schema.",
    advice: "keep the response schema, and change it as an event schema is changed",
};

pub static DEFAULT_CHANGED: Rule = Rule {
    code: "CS115",
    name: "default-changed",
    summary: "an absent field now means another value",
    explanation: "No event is rejected, but an event without the field is read as one value by old \
                  readers and as another by new ones.",
    example: "currency: str = \"EUR\" became currency: str = \"USD\".",
    advice: "send the field always, or leave the default as it was",
};

pub static OPTIONAL_FIELD_REMOVED: Rule = Rule {
    code: "CS116",
    name: "optional-field-removed",
    summary: "an optional field is no longer sent",
    explanation: "Old readers do not reject events without the field; they go on with its default, \
                  or with none. Whether they do the right thing then is for their owners to say.",
    example: "v1 {id, coupon?}, v2 {id}.",
    advice: "ask those who read the field, or keep it until they do not",
};

pub static LIKELY_RENAME: Rule = Rule {
    code: "CS117",
    name: "likely-rename",
    summary: "a field is gone and one like it has come under another name",
    explanation: "A rename is a removal and an addition: old readers look for the old name and new \
                  readers for the new one.",
    example: "v1 {mail: string}, v2 {email: string}.",
    advice: "send both names for a while, or keep the old one",
};

pub static DEPRECATED_REQUIRED: Rule = Rule {
    code: "CS118",
    name: "deprecated-required",
    summary: "a field is deprecated but still required",
    explanation: "Publishers are told not to use the field any more, and readers reject events \
                  without it.",
    example: "legacy_id: int = Field(deprecated=True).",
    advice: "make the field optional before it is deprecated",
};

pub static DEFAULT_FACTORY: Rule = Rule {
    code: "CS119",
    name: "default-factory",
    summary: "an absent field may be rejected although the schema calls it optional",
    explanation: "A field with default_factory is neither required nor has it a default in the \
                  schema. Handlers rebuild their model from the schema and fill such a field with \
                  None when an event lacks it; the real event class then rejects the None.",
    example: "v2 adds tags: list[str] = Field(default_factory=list); a v2 handler meets a v1 event.",
    advice: "give the field a plain default, or let it be None",
};

pub static UNKNOWN_FORMAT: Rule = Rule {
    code: "CS120",
    name: "unknown-format",
    summary: "a format that no validator checks",
    explanation: "Formats such as binary, path, password or ipvanyaddress are names only: nothing is \
                  rejected for them, and they are equal to nothing but themselves.",
    example: "home: Path gives {\"type\": \"string\", \"format\": \"path\"}.",
    advice: "add a pattern where the text has to be checked",
};

pub static SAFE_ONLY_WHEN_DUMPED: Rule = Rule {
    code: "CS121",
    name: "safe-only-when-dumped",
    summary: "the break goes away when every publisher sends every declared field",
    explanation: "celery-salt publishes model_dump(), in which optional fields are always present. \
                  Publishers that leave optional fields out (raw kombu, other languages, tchu-tchu) \
                  make the break real.",
    example: "v1 {id, email?}, v2 {id, email}: v2 handlers reject a v1 event without email.",
    advice: "use --writer dump when nothing but celery-salt publishes the topic",
};

pub(super) static RULES: &[&Rule] = &[
    &VERSION_REUSED,
    &VERSION_REWORDED,
    &VERSION_GAP,
    &VERSION_REMOVED,
    &VERSION_ORDER,
    &ALIAS_TRAP,
    &RESERVED_FIELD,
    &RESPONSE_ERROR_KEY,
    &MODE_CHANGED,
    &RESPONSE_REMOVED,
    &DEFAULT_CHANGED,
    &OPTIONAL_FIELD_REMOVED,
    &LIKELY_RENAME,
    &DEPRECATED_REQUIRED,
    &DEFAULT_FACTORY,
    &UNKNOWN_FORMAT,
    &SAFE_ONLY_WHEN_DUMPED,
];
