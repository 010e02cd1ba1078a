//! Style and traps of one schema document, whatever it was before.
//!
//! Pure: where the document is written down, and which findings stop anybody, is for others. What
//! changes between versions is the comparison's business.

mod document;
mod fields;
mod keywords;
mod walk;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::document::{Mode, SchemaDocument};
use super::finding::SchemaPart;
use super::rules::Rule;
use super::rules::lint as rules;
use super::validate::EventValidator;

/// How the patterns begin that Pydantic writes for the text form of a Decimal. Its own regular
/// expressions could not match them, and nobody can change them.
const DECIMAL_PATTERN: &str = "^(?!^[-+.]*$)";

/// How bad a finding is, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LintLevel {
    /// Events are lost or refused.
    Error,
    /// Somebody will regret it.
    Warning,
    /// Worth a thought.
    Info,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LintFinding {
    pub rule: &'static Rule,
    pub level: LintLevel,
    /// The schema that it is about; `None` for the document itself.
    pub part: Option<SchemaPart>,
    /// Where in the event, `items[].qty`; empty for the event itself.
    pub path: String,
    /// JSON Pointer into the document.
    pub pointer: String,
    pub message: String,
}

/// Everything that is wrong with a document: the worst first, then from top to bottom.
pub fn lint(document: &SchemaDocument) -> Vec<LintFinding> {
    let mut findings = document::lint(document);
    let parts = [
        (SchemaPart::Request, Some(&document.schema)),
        (SchemaPart::Response, document.response_schema.as_ref()),
        (SchemaPart::Error, document.error_schema.as_ref()),
    ];
    let mut undescribed = Vec::new();
    for (part, schema) in parts {
        if let Some(schema) = schema {
            let schema = schema.value();
            let part = PartSchema { part, mode: document.mode, schema: &schema };
            undescribed.extend(part.lint(&mut findings));
        }
    }
    findings.extend(fields::undescribed(&undescribed));
    findings.sort_by_key(|finding| finding.level);
    findings
}

/// One of the three schemas of a document.
struct PartSchema<'a> {
    part: SchemaPart,
    mode: Mode,
    schema: &'a Value,
}

impl PartSchema<'_> {
    /// Adds what is found; the names of fields without a description are for one finding about
    /// all parts.
    fn lint(&self, findings: &mut Vec<LintFinding>) -> Vec<String> {
        if let Err(unusable) = EventValidator::compile(self.schema) {
            let message = format!("not a usable JSON Schema: {}", unusable.message);
            findings.push(LintFinding {
                pointer: format!("{}{}", self.member(), unusable.pointer),
                ..self.finding(&rules::UNUSABLE_SCHEMA, LintLevel::Error, message)
            });
            return Vec::new();
        }
        keywords::lint(self, findings);
        fields::lint(self, findings)
    }

    /// A finding about the schema as a whole.
    fn finding(&self, rule: &'static Rule, level: LintLevel, message: String) -> LintFinding {
        let (part, pointer) = (Some(self.part), self.member().to_owned());
        LintFinding { rule, level, part, path: String::new(), pointer, message }
    }

    /// The pointer of the schema in its document.
    fn member(&self) -> &'static str {
        match self.part {
            SchemaPart::Request => "/schema",
            SchemaPart::Response => "/response_schema",
            SchemaPart::Error => "/error_schema",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::schema::rules as catalogue;

    /// A document in which nothing is wrong, with `changes` on top.
    fn document(changes: &Value) -> SchemaDocument {
        let mut text = json!({
            "topic": "order.placed",
            "version": "v1",
            "description": "An order is paid for",
            "owner": "billing",
            "schema": {"type": "object", "properties": {
                "id": {"type": "integer", "description": "of the order"},
                "note": {"type": "string", "description": "by the buyer", "default": ""}
            }, "required": ["id"]}
        });
        for (name, value) in changes.as_object().unwrap() {
            text[name] = value.clone();
        }
        SchemaDocument::parse(&text.to_string()).unwrap()
    }

    fn shown(changes: &Value) -> Vec<String> {
        let findings = lint(&document(changes));
        findings
            .iter()
            .map(|finding| {
                let LintFinding { rule, level, pointer, message, .. } = finding;
                format!("{} {level:?} {pointer} {message}", rule.code)
            })
            .collect()
    }

    /// A field `x` whose schema is `schema`, with a description.
    fn field(schema: &Value, required: &Value) -> Value {
        let mut schema = schema.clone();
        schema["description"] = json!("what it is");
        json!({"schema": {"type": "object", "properties": {"x": schema}, "required": required}})
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "one table with a row for each rule")]
    fn each_rule_finds_its_trap_and_nothing_else() {
        let x = |schema: Value| field(&schema, &json!(["x"]));
        let named = |name: &str, schema: Value| json!({"schema": {"properties": {name: schema}, "required": [name], "description": "d"}});
        let price = json!({"type": "number", "description": "d"});
        let decimal = json!({"anyOf": [
            {"type": "number"}, {"type": "string", "pattern": "^(?!^[-+.]*$)[+-]?0*\\d*\\.?\\d*$"}
        ]});
        let rpc = |response: Value| json!({"mode": "rpc", "response_schema": response});
        let answer =
            json!({"properties": {"error_code": {"description": "d"}}, "required": ["error_code"]});
        let closed = json!({"$ref": "#/$defs/A", "$defs": {"A": {
            "type": "object", "properties": {"x": {"description": "d"}}, "required": ["x"],
            "additionalProperties": false
        }}});
        let table = [
            (json!({}), vec![]),
            (
                json!({"topic": "OrderPlaced"}),
                vec!["CL001 Warning /topic the topic is a single word"],
            ),
            (
                json!({"topic": "order.Placed"}),
                vec!["CL001 Warning /topic the topic is not made of lower-case words"],
            ),
            (
                json!({"topic": "order.placed.v2"}),
                vec!["CL002 Warning /topic the topic has the version v2 in its name"],
            ),
            (json!({"topic": "rpc.a_b.c2"}), vec![]),
            (
                json!({"version": "v01"}),
                vec!["CL003 Warning /version v01 is not written like v1 or v1.2"],
            ),
            (json!({"version": "v1.10"}), vec![]),
            (
                json!({"description": ""}),
                vec!["CL004 Info /description nobody says when the event is published"],
            ),
            (
                json!({"schema": {"properties": {"a": {"default": 1}, "b": {"default": 1}}}}),
                vec!["CL005 Info /schema without a description: a, b"],
            ),
            (
                json!({"schema": closed}),
                vec![
                    "CL006 Warning /schema/$defs/A/additionalProperties the event refuses fields \
                     that later versions add",
                ],
            ),
            (json!({"mode": "rpc", "schema": closed, "response_schema": {}}), vec![]),
            (
                named("unitPrice", price.clone()),
                vec![
                    "CL007 Warning /schema/properties/unitPrice unitPrice is money as a \
                     floating-point number",
                ],
            ),
            (
                named("order_total", price.clone()),
                vec![
                    "CL007 Warning /schema/properties/order_total order_total is money as a \
                     floating-point number",
                ],
            ),
            (named("total_pages", price), vec![]),
            (
                x(decimal),
                vec![
                    "CL007 Warning /schema/properties/x x is a Decimal, sent as a floating-point \
                     number",
                ],
            ),
            (
                field(&json!({"type": "string"}), &json!([])),
                vec!["CL008 Info /schema optional without a default: x"],
            ),
            (
                x(json!({"type": "string", "format": "datetime"})),
                vec![
                    "CL009 Warning /schema/properties/x/format x has the format \"datetime\", which \
                     nobody checks",
                ],
            ),
            (
                named("_tchu_meta", json!({"description": "d"})),
                vec![
                    "CL010 Error /schema/properties/_tchu_meta _tchu_meta is taken out of the event \
                     before a handler sees it",
                ],
            ),
            (
                rpc(answer.clone()),
                vec![
                    "CL011 Error /response_schema/properties/error_code an answer with error_code \
                     is taken for an error",
                ],
            ),
            (json!({"mode": "rpc", "response_schema": {}, "error_schema": answer}), vec![]),
            (
                x(json!({"type": "string", "pattern": "^(?!test)"})),
                vec![
                    "CL012 Warning /schema/properties/x/pattern x has a pattern that Pydantic \
                     refuses: look-around, including look-ahead and look-behind, is not supported",
                ],
            ),
            (
                x(json!({"type": "integer", "default": 1})),
                vec![
                    "CL013 Warning /schema/properties/x x is required, so its default is never used",
                ],
            ),
            (
                x(json!({"enum": ["card"]})),
                vec![
                    "CL014 Info /schema/properties/x/enum x is an enum whose only value is \"card\"",
                ],
            ),
            (
                json!({"deprecated": true}),
                vec![
                    "CL015 Warning /deprecated the version is deprecated, and nobody says what \
                     replaces it",
                ],
            ),
            (json!({"deprecated": "use v2"}), vec![]),
            (json!({"mode": "rpc"}), vec!["CL016 Warning /mode the response is not described"]),
            (
                json!({"response_schema": {}}),
                vec!["CL017 Warning /response_schema a broadcast event has a response schema"],
            ),
            (json!({"owner": null}), vec!["CL018 Info  neither a publisher nor an owner is named"]),
            (
                x(json!({"type": "text"})),
                vec![
                    "CL019 Error /schema/properties/x/type not a usable JSON Schema: \"text\" is not valid under any of the \
                     schemas listed in the 'anyOf' keyword",
                ],
            ),
            (
                json!({"schema": {"type": "array"}}),
                vec!["CL020 Error /schema the payload is not an object"],
            ),
            (
                field(&json!({"type": "string", "default": null}), &json!([])),
                vec!["CL021 Error /schema/properties/x x does not accept its own default null"],
            ),
        ];
        let mut spoken = BTreeSet::new();
        for (changes, expected) in table {
            let found = shown(&changes);
            assert_eq!(found, expected, "{changes}");
            spoken.extend(found.iter().map(|text| text[..5].to_owned()));
        }
        let all = catalogue::all().map(|rule| rule.code).filter(|code| code.starts_with("CL"));
        assert_eq!(spoken, all.map(str::to_owned).collect());
    }

    proptest! {
        #[test]
        fn any_schema_is_looked_through_without_a_panic(
            keyword in "items|properties|anyOf|format|pattern|enum|default|required|\\$ref|type",
            value in "\\PC{0,6}|[\\[\\](){}?!*\\\\]{0,8}",
            name in "\\PC{0,3}",
        ) {
            for value in [json!(value), json!([value]), json!({value: true}), json!("#"), json!("#/schema")] {
                let inner = json!({&keyword: value});
                let schema = json!({&keyword: value, "properties": {&name: inner}, "items": inner});
                for finding in lint(&document(&json!({"schema": schema, "response_schema": inner}))) {
                    prop_assert!(!finding.message.is_empty());
                }
            }
        }
    }
}
