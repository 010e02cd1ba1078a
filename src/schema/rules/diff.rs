//! `CS0…`: events that one side sends and the other rejects. Each is proved by a witness.

use super::Rule;

pub static REQUIRED_FIELD: Rule = Rule {
    code: "CS001",
    name: "required-field",
    summary: "a reader requires a field that an event may lack",
    explanation: "The reader's model lists the field as required, and the writer can send an event \
                  without it. The reader rejects that event, so the handler never runs.",
    example: "v1 {id}, v2 {id, email} with email required: a v2 handler rejects a v1 event.",
    advice: "give the field a default, or publish the change under a new version and keep the old \
             handlers until no old events are left",
};

pub static TYPE_CHANGED: Rule = Rule {
    code: "CS002",
    name: "type-changed",
    summary: "a field has a type that the reader does not take",
    explanation: "The writer can send a value of a JSON type that the reader's schema does not list. \
                  Pydantic may convert some values (\"12\" to 12), but handlers rebuilt from the \
                  schema and readers in other languages do not have to.",
    example: "v1 {id: integer}, v2 {id: string}: a v1 handler rejects {\"id\": \"a7\"}.",
    advice: "add a new field with the new type and send both until the old handlers are gone",
};

pub static VALUE_NOT_ALLOWED: Rule = Rule {
    code: "CS003",
    name: "value-not-allowed",
    summary: "a value can be sent that is not in the reader's enum or const",
    explanation: "An enum is a promise in both directions: a new member breaks the readers that do \
                  not know it, a removed one breaks the readers that meet old events.",
    example: "v1 status: new|paid, v2 status: new|paid|refunded: a v1 handler rejects \
              {\"status\": \"refunded\"}.",
    advice: "widen the readers first and send the new value only when the last old handler is gone; \
             keep removed values in the enum until no old events are left",
};

pub static NUMBER_OUT_OF_RANGE: Rule = Rule {
    code: "CS004",
    name: "number-out-of-range",
    summary: "a number can be sent that is outside the reader's bounds or steps",
    explanation: "minimum, maximum, their exclusive forms or multipleOf of the reader exclude a \
                  number that the writer's schema allows.",
    example: "v1 qty >= 1, v2 qty >= 0: a v1 handler rejects {\"qty\": 0}.",
    advice: "keep the writer inside the bounds of the oldest reader, and widen the readers first",
};

pub static TEXT_NOT_ALLOWED: Rule = Rule {
    code: "CS005",
    name: "text-not-allowed",
    summary: "a text can be sent that the reader's length or pattern excludes",
    explanation: "minLength, maxLength or pattern of the reader exclude a text that the writer's \
                  schema allows. Lengths count characters, not bytes.",
    example: "v1 code: at most 8 characters, v2 code: at most 12: a v1 handler rejects a code of 9.",
    advice: "keep the writer inside the limits of the oldest reader, and widen the readers first",
};

pub static FORMAT_CHANGED: Rule = Rule {
    code: "CS006",
    name: "format-changed",
    summary: "a text can be sent that is not in the format the reader asks for",
    explanation: "Pydantic checks formats (uuid, email, date-time, …) while it validates, so a text \
                  in another format is rejected.",
    example: "v1 id: uuid, v2 id: string: a v1 handler rejects {\"id\": \"A-17\"}.",
    advice: "keep the format, or add a field for the new kind of value",
};

pub static LIST_CHANGED: Rule = Rule {
    code: "CS007",
    name: "list-changed",
    summary: "a list can be sent that the reader finds too short, too long or not unique",
    explanation: "minItems, maxItems, uniqueItems, contains or the number of items of a tuple on the \
                  reader's side exclude a list that the writer's schema allows.",
    example: "v1 lines: at least one, v2 lines: any number: a v1 handler rejects {\"lines\": []}.",
    advice: "keep the writer inside the limits of the oldest reader, and widen the readers first",
};

pub static UNDECLARED_FIELD_REJECTED: Rule = Rule {
    code: "CS008",
    name: "undeclared-field-rejected",
    summary: "a field can be sent that the reader forbids or counts as one too many",
    explanation: "The reader's model forbids fields it does not declare (extra=\"forbid\", \
                  additionalProperties: false), restricts their names, or limits how many there are. \
                  Every field that the writer adds is then a break.",
    example: "v1 {id} with extra=\"forbid\", v2 {id, email}: a v1 handler rejects every v2 event.",
    advice: "let readers of broadcast events ignore what they do not know (Pydantic's default)",
};

pub static NO_ALTERNATIVE: Rule = Rule {
    code: "CS009",
    name: "no-alternative",
    summary: "a value can be sent that fits none of the reader's alternatives",
    explanation: "The reader's schema is a union (anyOf, oneOf, a discriminator) or an exclusion \
                  (not, false), and the writer can send a value that none of its branches takes.",
    example: "v1 payment: Card|Cash, v2 payment: Card|Cash|Voucher: a v1 handler rejects a voucher.",
    advice: "add the branch to the readers first, and send it only when the last old handler is gone",
};

pub static UNDECIDED: Rule = Rule {
    code: "CS010",
    name: "undecided",
    summary: "it could not be decided whether the reader takes everything that is sent",
    explanation: "Neither a proof nor a counterexample was found, because of the keyword that is \
                  named. A gate that lets this pass could hide a break, so it fails by default.",
    example: "two different regular expressions with look-ahead on one field.",
    advice: "compare the two places by hand, then waive the finding with the reason, or write the \
             schema with a keyword that can be reasoned about",
};

pub(super) static RULES: &[&Rule] = &[
    &REQUIRED_FIELD,
    &TYPE_CHANGED,
    &VALUE_NOT_ALLOWED,
    &NUMBER_OUT_OF_RANGE,
    &TEXT_NOT_ALLOWED,
    &FORMAT_CHANGED,
    &LIST_CHANGED,
    &UNDECLARED_FIELD_REJECTED,
    &NO_ALTERNATIVE,
    &UNDECIDED,
];
