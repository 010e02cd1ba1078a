//! Formats as predicates over text: the `jsonschema` crate decides membership, tables give members
//! to try and shapes that every member has.

use std::rc::Rc;
use std::sync::LazyLock;

use jsonschema::Validator;
use regex_syntax::Parser;
use serde_json::{Value, json};

use super::Side;
use super::regex::Machine;
use crate::schema::compat::hash::HashMap;

/// Names that Pydantic writes for types that take any text (or text whose check is not about the
/// text alone); no validator refuses anything for them.
pub(super) fn is_universal(name: &str) -> bool {
    const UNIVERSAL: [&str; 7] =
        ["binary", "byte", "password", "path", "file-path", "directory-path", "json-string"];
    UNIVERSAL.contains(&name)
}

/// Formats that Pydantic writes and no edition of JSON Schema has, as far as their texts are easy
/// to tell.
const OWN: [(&str, Check); 8] = [
    ("uuid1", |text| is_uuid_of(text, '1')),
    ("uuid3", |text| is_uuid_of(text, '3')),
    ("uuid4", |text| is_uuid_of(text, '4')),
    ("uuid5", |text| is_uuid_of(text, '5')),
    ("uuid6", |text| is_uuid_of(text, '6')),
    ("uuid7", |text| is_uuid_of(text, '7')),
    ("uuid8", |text| is_uuid_of(text, '8')),
    ("ipvanyaddress", is_ip_address),
];

type Check = fn(&str) -> bool;

fn is_ip_address(text: &str) -> bool {
    static EITHER: LazyLock<Option<Validator>> = LazyLock::new(|| {
        let either = json!({"anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]});
        jsonschema::options().offline().should_validate_formats(true).build(&either).ok()
    });
    EITHER.as_ref().is_some_and(|either| either.is_valid(&Value::String(text.to_owned())))
}

fn is_uuid_of(text: &str, version: char) -> bool {
    text.len() == 36
        && text.chars().enumerate().all(|(index, letter)| match index {
            8 | 13 | 18 | 23 => letter == '-',
            14 => letter == version,
            _ => letter.is_ascii_hexdigit(),
        })
}

/// Names that Pydantic writes for texts that are checked in ways of which only examples are known
/// here: a text that is none of them may or may not be taken.
const OPAQUE: [&str; 10] = [
    "ipv4network",
    "ipv6network",
    "ipvanynetwork",
    "ipv4interface",
    "ipv6interface",
    "ipvanyinterface",
    "multi-host-uri",
    "name-email",
    "base64",
    "base64url",
];

/// A validator that also asserts the formats of Pydantic's. Of the opaque ones a writer sends what
/// is known to be theirs, and a reader is not known to refuse anything.
pub(super) fn options(side: Side) -> jsonschema::ValidationOptions<'static> {
    let known = OWN.iter().fold(jsonschema::options().offline(), |options, (name, is_valid)| {
        options.with_format(*name, *is_valid)
    });
    match side {
        Side::Writer => OPAQUE.iter().fold(known, |options, name| {
            options.with_format(*name, |text: &str| is_sample(name, text))
        }),
        Side::Reader => known,
    }
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
            options(Side::Reader)
                .should_validate_formats(true)
                .should_ignore_unknown_formats(false)
                .build(&json!({ "format": **name }))
                .ok()
        });
        check.as_ref().map(|check| check.is_valid(&Value::String(text.to_owned())))
    }

    /// Whether a text can be one of the format's; a format that nobody knows refuses nothing.
    pub(super) fn can_be(&mut self, name: &Rc<str>, text: &str) -> Option<bool> {
        let is_example = || is_sample(name, text).then_some(true);
        self.accepts(name, text)
            .or_else(|| if OPAQUE.contains(&&**name) { is_example() } else { Some(true) })
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

/// Formats that contain others by their definitions (RFC 3986, RFC 3987, Pydantic's own).
pub(super) fn is_within(inner: &str, outer: &str) -> bool {
    matches!(
        (inner, outer),
        ("uri", "uri-reference" | "iri" | "iri-reference")
            | ("uri-reference" | "iri", "iri-reference")
            | ("uuid1" | "uuid3" | "uuid4" | "uuid5" | "uuid6" | "uuid7" | "uuid8", "uuid")
            | ("ipv4" | "ipv6", "ipvanyaddress")
    )
}

/// Pydantic writes dates without an offset and negative or fractional durations under these names
/// too, so no proof may rest on their absence.
fn outer_shape(name: &str) -> Option<&'static str> {
    Some(match name {
        "uuid" => "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$",
        "uuid1" | "uuid3" | "uuid4" | "uuid5" | "uuid6" | "uuid7" | "uuid8" => {
            "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"
        }
        "date" => "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
        "date-time" => {
            "^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2}(:[0-9]{2})?)?$"
        }
        "time" => {
            "^[0-9]{2}:[0-9]{2}:[0-9]{2}(\\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2}(:[0-9]{2})?)?$"
        }
        "duration" => "^-?P[0-9A-Z.]+$",
        "ipv4" => "^[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}$",
        "ipv6" | "ipvanyaddress" => "^[0-9a-fA-F:.]{2,45}$",
        "email" | "idn-email" => "^(?s:.)+@(?s:.)+$",
        _ => return None,
    })
}

fn is_sample(name: &str, text: &str) -> bool {
    samples(name).contains(&text)
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
        "uuid1" => &["00000000-0000-1000-8000-000000000000"],
        "uuid3" => &["00000000-0000-3000-8000-000000000000"],
        "uuid4" => &["00000000-0000-4000-8000-000000000000"],
        "uuid5" => &["00000000-0000-5000-8000-000000000000"],
        "uuid6" => &["00000000-0000-6000-8000-000000000000"],
        "uuid7" => &["00000000-0000-7000-8000-000000000000"],
        "uuid8" => &["00000000-0000-8000-8000-000000000000"],
        "uri" => &["http://a.co/", "a:b", "https://example.com/path?q=1#f"],
        "iri" => &["a:b", "http://a.co/", "http://ƒøø.ßår/?∂éœ=πîx"],
        "uri-reference" => &["", "/", "a:b", "/path?q=1"],
        "iri-reference" => &["", "/", "a:b", "/é"],
        "uri-template" => &["", "/{id}", "http://example.com/{term}"],
        "ipv4" => &["0.0.0.0", "127.0.0.1", "192.168.100.200"],
        "ipvanyaddress" => &["0.0.0.0", "::1", "192.168.100.200"],
        "ipv4network" | "ipvanynetwork" => &["10.0.0.0/8", "192.168.0.0/24"],
        "ipv6network" => &["::/0", "2001:db8::/32"],
        "ipv4interface" | "ipvanyinterface" => &["10.0.0.1/8", "192.168.0.1/24"],
        "ipv6interface" => &["::1/128", "2001:db8::1/32"],
        "multi-host-uri" => &["postgres://user:pass@localhost:5432/app"],
        "name-email" => &["Ann <ann@example.com>"],
        "base64" | "base64url" => &["", "YQ==", "YWJj"],
        "ipv6" => &["::", "::1", "2001:0db8:85a3:0000:0000:8a2e:0370:7334"],
        "hostname" => &["a", "example.com", "mail.example.org"],
        "idn-hostname" => &["a", "example.com", "실례.테스트"],
        "json-pointer" => &["", "/a", "/a/0"],
        "relative-json-pointer" => &["0", "1/a", "0#"],
        "regex" => &["", "a", "^[a-z]+$"],
        _ => &[],
    }
}
