//! Which keywords a schema has, found in one pass: most schemas have few, and asking for every
//! keyword there is costs more than reading those.

use serde_json::{Map, Value};

/// Keywords that are read together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    References,
    Values,
    Numbers,
    Strings,
    Arrays,
    Objects,
    Applicators,
    Unevaluated,
    Contents,
}

/// The groups of which a schema has a keyword.
#[derive(Debug, Clone, Copy)]
pub(super) struct Present(u16);

impl Present {
    pub(super) fn of(map: &Map<String, Value>) -> Self {
        let groups = map.keys().filter_map(|keyword| group_of(keyword));
        Self(groups.fold(0, |present, group| present | 1 << group as u16))
    }

    pub(super) fn has(self, group: Group) -> bool {
        self.0 & 1 << group as u16 != 0
    }
}

fn group_of(keyword: &str) -> Option<Group> {
    Some(match keyword {
        "$ref" | "$dynamicRef" | "$recursiveRef" => Group::References,
        "const" | "enum" => Group::Values,
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "multipleOf" => {
            Group::Numbers
        }
        "minLength" | "maxLength" | "pattern" | "format" => Group::Strings,
        "items" | "prefixItems" | "additionalItems" | "minItems" | "maxItems" | "uniqueItems"
        | "contains" => Group::Arrays,
        "properties"
        | "patternProperties"
        | "additionalProperties"
        | "required"
        | "minProperties"
        | "maxProperties"
        | "propertyNames"
        | "dependentRequired"
        | "dependentSchemas"
        | "dependencies" => Group::Objects,
        "allOf" | "anyOf" | "oneOf" | "not" | "if" | "disallow" | "extends" | "divisibleBy" => {
            Group::Applicators
        }
        "unevaluatedProperties" | "unevaluatedItems" => Group::Unevaluated,
        "contentEncoding" | "contentMediaType" => Group::Contents,
        _ => return None,
    })
}
