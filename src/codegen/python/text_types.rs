//! What a string with a format is in Python.

use serde_json::{Map, Value};

use super::expr::Expr;
use super::literal;
use super::module::Form;
use super::scope::Scope;
use super::types::{Fidelity, Typed};
use crate::codegen::model::Node;

/// Format, module and type. Types that Pydantic describes with more than the format are in
/// [`typed`].
const FORMATS: &[(&str, &str, &str)] = &[
    ("date-time", "datetime", "datetime"),
    ("date", "datetime", "date"),
    ("time", "datetime", "time"),
    ("duration", "datetime", "timedelta"),
    ("uuid", "uuid", "UUID"),
    ("uuid1", "pydantic", "UUID1"),
    ("uuid3", "pydantic", "UUID3"),
    ("uuid4", "pydantic", "UUID4"),
    ("uuid5", "pydantic", "UUID5"),
    ("uuid6", "pydantic", "UUID6"),
    ("uuid7", "pydantic", "UUID7"),
    ("uuid8", "pydantic", "UUID8"),
    ("email", "pydantic", "EmailStr"),
    ("name-email", "pydantic", "NameEmail"),
    ("ipv4", "ipaddress", "IPv4Address"),
    ("ipv4network", "ipaddress", "IPv4Network"),
    ("ipv4interface", "ipaddress", "IPv4Interface"),
    ("ipv6", "ipaddress", "IPv6Address"),
    ("ipv6network", "ipaddress", "IPv6Network"),
    ("ipv6interface", "ipaddress", "IPv6Interface"),
    ("ipvanyaddress", "pydantic", "IPvAnyAddress"),
    ("ipvanynetwork", "pydantic", "IPvAnyNetwork"),
    ("ipvanyinterface", "pydantic", "IPvAnyInterface"),
    ("path", "pathlib", "Path"),
    ("file-path", "pydantic", "FilePath"),
    ("directory-path", "pydantic", "DirectoryPath"),
    ("base64", "pydantic", "Base64Bytes"),
    ("base64url", "pydantic", "Base64UrlBytes"),
    ("zoneinfo", "zoneinfo", "ZoneInfo"),
];

const LENGTHS: &[(&str, &str)] = &[("minLength", "min_length"), ("maxLength", "max_length")];

/// The longest URL that `HttpUrl` takes.
pub const HTTP_URL_LENGTH: u64 = 2083;

pub fn typed(scope: &mut Scope<'_>, node: &Node<'_>, format: Option<&str>) -> Typed {
    let raw = node.raw;
    match format {
        Some("uri") => return uri(scope, node),
        Some("multi-host-uri") if node.count("minLength") == Some(1) => {
            let kinds = ["MongoDsn", "NatsDsn", "PostgresDsn"];
            let kind = |name| Expr::atom(scope.imports.name("pydantic", name));
            let mut typed = Typed::new(Expr::Or(kinds.map(kind).to_vec()), &[]);
            typed.fidelity = Fidelity::Respelled;
            return typed;
        }
        Some("binary") => {
            let mut typed = Typed::new(scope.builtin("bytes"), &["type", "format"]);
            typed.limit(raw, LENGTHS);
            return typed;
        }
        Some("password") if raw.get("writeOnly") == Some(&Value::Bool(true)) => {
            let base = Expr::atom(scope.imports.name("pydantic", "SecretStr"));
            let mut typed = Typed::new(base, &["type", "format", "writeOnly"]);
            typed.limit(raw, LENGTHS);
            return typed;
        }
        Some("regex") => {
            let base = Expr::index(scope.imports.name("re", "Pattern"), vec![scope.builtin("str")]);
            return Typed::new(base, &["type", "format"]);
        }
        Some(_) | None => {}
    }
    let known = FORMATS.iter().find(|(name, ..)| Some(*name) == format);
    if let Some((name, module, class)) = known {
        if *name == "email" {
            scope.note_email();
        }
        let class = Expr::atom(scope.imports.name(module, class));
        let mut typed = Typed::new(class, &["type", "format"]);
        if *name == "email" {
            typed.limit(raw, LENGTHS);
        }
        return typed;
    }
    plain(scope, raw)
}

fn plain(scope: &mut Scope<'_>, raw: &Map<String, Value>) -> Typed {
    let mut typed = Typed::new(scope.builtin("str"), &["type"]);
    typed.limit(raw, LENGTHS);
    if let Some(Value::String(pattern)) = raw.get("pattern")
        && scope.can_check(pattern)
    {
        typed.arguments.push(("pattern", Expr::atom(literal::pattern(pattern))));
        typed.explained.push("pattern");
    }
    if !raw.contains_key("type") && !raw.is_empty() && !raw.contains_key("format") {
        // The keys of a map, whose type goes without saying.
        typed.explained.push("type");
    }
    typed
}

/// `AnyUrl` and its kin differ in the lengths they allow.
fn uri(scope: &mut Scope<'_>, node: &Node<'_>) -> Typed {
    let class = |name| Expr::atom(scope.imports.name("pydantic", name));
    let keywords = &["type", "format", "minLength"];
    match (node.count("minLength"), node.count("maxLength")) {
        (Some(1), None) => Typed::new(class("AnyUrl"), keywords),
        (Some(1), Some(HTTP_URL_LENGTH)) => {
            let mut typed = Typed::new(class("HttpUrl"), keywords);
            typed.explained.push("maxLength");
            typed
        }
        (Some(1), Some(_)) if scope.form == Form::Stubs => Typed::new(class("AnyUrl"), keywords),
        (Some(1), Some(length)) => {
            let mut typed = Typed::new(class("AnyUrl"), keywords);
            let limit = vec![("max_length", Expr::atom(length.to_string()))];
            let constraints = scope.imports.name("pydantic", "UrlConstraints");
            typed.metadata.push(Expr::call(constraints, limit));
            typed.explained.push("maxLength");
            typed
        }
        (Some(_) | None, _) => plain(scope, node.raw),
    }
}

/// A string that holds JSON.
pub fn json_text(scope: &mut Scope<'_>, content: &Node<'_>) -> Typed {
    let keywords = &["type", "contentMediaType", "contentSchema"];
    let class = scope.imports.name("pydantic", "Json");
    let (element, fidelity) = scope.annotation(content);
    let mut typed = Typed::new(Expr::index(class, vec![element]), keywords);
    typed.fidelity = fidelity;
    typed
}

/// Whether a string of this format becomes anything but a `str`.
pub fn is_known(format: &str) -> bool {
    matches!(format, "uri" | "multi-host-uri" | "binary" | "password" | "regex")
        || FORMATS.iter().any(|(name, ..)| *name == format)
}
