//! `CS…`: what a change of a schema does to the services that publish and read the event.

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

pub(super) static RULES: &[&Rule] = &[&REQUIRED_FIELD];
