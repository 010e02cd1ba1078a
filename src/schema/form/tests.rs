use std::collections::VecDeque;

use serde_json::{Value, json};

use super::*;

/// Answers from a list; `!` before an answer says that it is refused and another one follows.
struct Script {
    answers: VecDeque<&'static str>,
    log: Vec<String>,
}

impl Script {
    fn next(&mut self, question: &FieldQuestion, options: &str) -> &'static str {
        let FieldQuestion { path, kind, description, preset, need } = question;
        let optional = if *need == Need::Optional { ", optional" } else { "" };
        let description = description.as_deref().map(|text| format!(" {text}")).unwrap_or_default();
        let preset = preset.as_deref().map(|text| format!(" [{text}]")).unwrap_or_default();
        let answer =
            self.answers.pop_front().unwrap_or_else(|| panic!("no answer to {question:?}"));
        self.log.push(format!("{path} ({kind}{optional}){description}{preset}{options}: {answer}"));
        answer
    }
}

impl Respondent for Script {
    type Error = std::convert::Infallible;

    fn line(
        &mut self,
        question: &FieldQuestion,
        check: &dyn Fn(&str) -> Result<(), String>,
    ) -> Result<String, Self::Error> {
        loop {
            let answer = self.next(question, "");
            match (answer.strip_prefix('!'), check(answer.trim_start_matches('!'))) {
                (None, Ok(())) => return Ok(answer.to_owned()),
                (Some(_), Err(reason)) => self.log.push(format!("  refused: {reason}")),
                (_, outcome) => panic!("{answer:?} gave {outcome:?}"),
            }
        }
    }

    fn choice(
        &mut self,
        question: &FieldQuestion,
        options: &[String],
        preset: usize,
    ) -> Result<usize, Self::Error> {
        let answer = self.next(question, &format!(" {options:?}"));
        Ok(match answer {
            "" => preset,
            answer => options.iter().position(|option| option == answer).unwrap(),
        })
    }

    fn is_yes(&mut self, question: &FieldQuestion) -> Result<bool, Self::Error> {
        Ok(self.next(question, " y/n") == "y")
    }
}

fn filled(schema: &Value, answers: &[&'static str]) -> (Value, String) {
    let mut script = Script { answers: answers.iter().copied().collect(), log: Vec::new() };
    let Ok(value) = fill(schema, &mut script);
    assert_eq!(script.answers, VecDeque::<&str>::new(), "answers are left over");
    (value, script.log.join("\n"))
}

fn signup() -> Value {
    json!({
        "type": "object",
        "properties": {
            "user_id": {"type": "integer", "minimum": 1, "description": "Who signed up"},
            "email": {"type": "string", "format": "email"},
            "plan": {"$ref": "#/$defs/Plan", "default": "free"},
            "nickname": {"anyOf": [{"type": "string", "maxLength": 5}, {"type": "null"}], "default": null},
            "referrer": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "source": {"type": "string", "default": "web"},
            "is_trial": {"type": "boolean"},
            "wants_mail": {"type": "boolean", "default": true},
            "address": {"anyOf": [{"$ref": "#/$defs/Address"}, {"type": "null"}], "default": null},
            "tags": {"type": "array", "items": {"type": "string"}, "default": []},
            "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}, "minItems": 1},
            "payment": {"oneOf": [{"$ref": "#/$defs/Card"}, {"$ref": "#/$defs/Invoice"}]},
            "labels": {"type": "object", "additionalProperties": {"type": "integer"}},
            "extra": {}
        },
        "required": ["user_id", "email", "referrer", "is_trial", "lines", "payment"],
        "$defs": {
            "Plan": {"enum": ["free", "pro"], "type": "string"},
            "Address": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
            "Line": {"type": "object", "properties": {"qty": {"type": "number", "multipleOf": 0.5}}, "required": ["qty"]},
            "Card": {"type": "object", "properties": {"kind": {"const": "card"}, "last4": {"type": "string", "pattern": "^\\d{4}$"}}, "required": ["kind", "last4"]},
            "Invoice": {"type": "object", "properties": {"kind": {"const": "invoice"}}, "required": ["kind"]}
        }
    })
}

#[test]
fn every_field_is_asked_for_in_its_own_way() {
    let (event, log) = filled(
        &signup(),
        &[
            "!x",
            "!0",
            "12345678901234567890",
            "!zoe",
            "zoe@example.com",
            "pro",
            "!toolong",
            "zoe",
            "",
            "",
            "y",
            "no",
            "y",
            "Lyon",
            "a",
            "\"\"",
            "",
            "!1.3",
            "1.50",
            "n",
            "Card",
            "!12",
            "1234",
            "first",
            "1",
            "",
            "!{",
            "{\"a\": 1.0}",
        ],
    );
    insta::assert_snapshot!(log);
    insta::assert_snapshot!(event.to_string());
}

#[test]
fn empty_answers_leave_out_what_need_not_be_there() {
    let (event, _) = filled(
        &signup(),
        &["1", "a@b.co", "", "", "", "", "n", "", "n", "", "2", "n", "Invoice", "", ""],
    );
    insta::assert_snapshot!(event.to_string());
}

#[test]
fn a_schema_that_is_no_object_is_asked_for_as_json() {
    let (event, log) = filled(&json!({"$ref": "#/nowhere"}), &["!", "[1]"]);
    assert_eq!(event, json!([1]));
    insta::assert_snapshot!(log);
}
