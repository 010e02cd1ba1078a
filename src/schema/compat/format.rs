//! Formats as predicates over text: the `jsonschema` crate decides membership, tables give members
//! to try and shapes that every member has.

use std::rc::Rc;

use jsonschema::Validator;
use regex_syntax::Parser;
use serde_json::{Value, json};

use super::regex::Machine;
use crate::schema::compat::hash::HashMap;

/// Names that Pydantic writes for types that take any text (or text whose check is not about the
/// text alone); no validator refuses anything for them.
pub(super) fn is_universal(name: &str) -> bool {
    const UNIVERSAL: [&str; 7] =
        ["binary", "byte", "password", "path", "file-path", "directory-path", "json-string"];
    UNIVERSAL.contains(&name)
}

/// The predicates in use, each built once.
#[derive(Debug, Default)]
pub(super) struct FormatChecks {
    known: HashMap<Rc<str>, Option<Validator>>,
    shapes: HashMap<Rc<str>, Option<Rc<Machine>>>,
    patterns: HashMap<String, Option<Validator>>,
}

impl FormatChecks {
    /// `None` when nobody here knows the format.
    pub(super) fn accepts(&mut self, name: &Rc<str>, text: &str) -> Option<bool> {
        let check = self.known.entry(Rc::clone(name)).or_insert_with(|| {
            jsonschema::options()
                .offline()
                .should_validate_formats(true)
                .should_ignore_unknown_formats(false)
                .build(&json!({ "format": **name }))
                .ok()
        });
        check.as_ref().map(|check| check.is_valid(&Value::String(text.to_owned())))
    }

    /// Whether a pattern that is no finite automaton matches. Unknown where the readings of regular
    /// expressions part: outside ASCII, and for syntax that only one of them has.
    pub(super) fn matches(&mut self, pattern: &str, text: &str) -> Option<bool> {
        const ONE_READING: [&str; 10] =
            ["&&", "--", "~~", "[[", "(?i", "(?s", "(?m", "(?x", "{,", "\\a"];
        if !text.is_ascii()
            || text.contains(['\n', '\r'])
            || ONE_READING.iter().any(|part| pattern.contains(part))
        {
            return None;
        }
        let check = self.patterns.entry(pattern.to_owned()).or_insert_with(|| {
            jsonschema::options().offline().build(&json!({ "pattern": pattern })).ok()
        });
        check.as_ref().map(|check| check.is_valid(&Value::String(text.to_owned())))
    }

    /// A regular language that contains every text of the format.
    pub(super) fn shape(&mut self, name: &Rc<str>) -> Option<Rc<Machine>> {
        let machine = self.shapes.entry(Rc::clone(name)).or_insert_with(|| {
            let pattern = outer_shape(name)?;
            let hir = Parser::new().parse(pattern).ok()?;
            Machine::from_hir(&hir).map(Rc::new)
        });
        machine.clone()
    }
}

/// Formats that contain others by their definitions (RFC 3986 and RFC 3987).
pub(super) fn is_within(inner: &str, outer: &str) -> bool {
    matches!(
        (inner, outer),
        ("uri", "uri-reference" | "iri" | "iri-reference")
            | ("uri-reference" | "iri", "iri-reference")
    )
}

fn outer_shape(name: &str) -> Option<&'static str> {
    Some(match name {
        "uuid" => "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$",
        "date" => "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        "date-time" => {
            "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$"
        }
        "time" => "^[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$",
        "duration" => "^P[0-9A-Z]+$",
        "ipv4" => "^[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}$",
        "ipv6" => "^[0-9a-fA-F:.]{2,45}$",
        "email" | "idn-email" => "^(?s:.)+@(?s:.)+$",
        _ => return None,
    })
}

/// Members of the format, plain ones first.
pub(super) fn samples(name: &str) -> &'static [&'static str] {
    match name {
        "email" => &["a@b.co", "user@example.com", "first.last+tag@mail.example.org"],
        "idn-email" => &["a@b.co", "user@example.com", "실례@실례.테스트"],
        "uuid" => &[
            "00000000-0000-0000-0000-000000000000",
            "3fa85f64-5717-4562-b3fc-2c963f66afa6",
            "3FA85F64-5717-4562-B3FC-2C963F66AFA6",
        ],
        "date-time" => {
            &["2020-01-01T00:00:00Z", "2020-01-01T00:00:00+00:00", "2024-02-29T23:59:59.123456Z"]
        }
        "date" => &["2020-01-01", "2024-02-29", "1999-12-31"],
        "time" => &["00:00:00Z", "23:59:59+00:00", "12:30:00.123Z"],
        "duration" => &["P1D", "PT1S", "P1Y2M3DT4H5M6S", "P1W"],
        "uri" => &["a:b", "http://a.co/", "https://example.com/path?q=1#f"],
        "iri" => &["a:b", "http://a.co/", "http://ƒøø.ßår/?∂éœ=πîx"],
        "uri-reference" => &["", "/", "a:b", "/path?q=1"],
        "iri-reference" => &["", "/", "a:b", "/é"],
        "uri-template" => &["", "/{id}", "http://example.com/{term}"],
        "ipv4" => &["0.0.0.0", "127.0.0.1", "192.168.100.200"],
        "ipv6" => &["::", "::1", "2001:0db8:85a3:0000:0000:8a2e:0370:7334"],
        "hostname" => &["a", "example.com", "mail.example.org"],
        "idn-hostname" => &["a", "example.com", "실례.테스트"],
        "json-pointer" => &["", "/a", "/a/0"],
        "relative-json-pointer" => &["0", "1/a", "0#"],
        "regex" => &["", "a", "^[a-z]+$"],
        _ => &[],
    }
}
