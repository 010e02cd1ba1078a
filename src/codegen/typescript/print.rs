//! Types as text: two spaces per level, long unions one branch a line.

use super::literal::{member_name, quoted};
use super::ty::{Member, Object, Presence, Type};

/// Unions and member lines that would be longer are spread over several lines.
const MAX_WIDTH: usize = 80;

/// An object with one member, as a tag is, stands on one line if that is no longer.
const MAX_INLINE: usize = 40;

/// Where a type stands, which decides whether it needs parentheses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Around {
    Nothing,
    Union,
    Intersection,
    Postfix,
}

/// A type as it stands in a member or after a `=`; `depth` is that of the line it begins on.
pub(super) fn print(ty: &Type, depth: usize) -> String {
    write(ty, Around::Nothing, depth)
}

/// What follows `name:` or `name =`, with its leading blank.
fn print_after(prefix: &str, ty: &Type, depth: usize) -> String {
    let line = print(ty, depth);
    let width = depth * 2 + prefix.chars().count() + 1 + line.chars().count() + 1;
    match ty {
        Type::Union(parts) if width > MAX_WIDTH || line.contains('\n') => {
            let parts = parts.iter().map(|part| {
                let part = write(part, Around::Union, depth + 1);
                format!("\n{}| {part}", indent(depth + 1))
            });
            parts.collect()
        }
        _ => format!(" {line}"),
    }
}

/// An interface for an object, an alias for everything else.
pub(super) fn declaration(name: &str, ty: &Type, comment: &[String]) -> String {
    let mut out = print_comment(comment, 0);
    match ty {
        Type::Object(object) => {
            out.push_str(&format!("export interface {name} {}\n", spread(object, 0)));
        }
        other => {
            let prefix = format!("export type {name} =");
            let ty = print_after(&prefix, other, 0);
            out.push_str(&format!("{prefix}{ty};\n"));
        }
    }
    out
}

/// A documentation comment; nothing for no lines.
pub(super) fn print_comment(lines: &[String], depth: usize) -> String {
    let margin = indent(depth);
    let lines: Vec<String> = lines.iter().map(|line| line.replace("*/", "*\\/")).collect();
    match &lines[..] {
        [] => String::new(),
        [line] if depth * 2 + line.chars().count() + 7 <= MAX_WIDTH => {
            format!("{margin}/** {line} */\n")
        }
        lines => {
            let mut out = format!("{margin}/**\n");
            for line in lines {
                out.push_str(format!("{margin} * {line}").trim_end());
                out.push('\n');
            }
            out.push_str(&format!("{margin} */\n"));
            out
        }
    }
}

fn write(ty: &Type, around: Around, depth: usize) -> String {
    match ty {
        Type::Unknown => "unknown".to_owned(),
        Type::Never => "never".to_owned(),
        Type::Word(word) | Type::Named(word) => word.clone(),
        Type::Array(item) => format!("{}[]", write(item, Around::Postfix, depth)),
        Type::Tuple { items, rest } => tuple(items, rest.as_deref(), depth),
        Type::Union(parts) => {
            let parts: Vec<String> =
                parts.iter().map(|part| write(part, Around::Union, depth)).collect();
            parenthesised(parts.join(" | "), around != Around::Nothing)
        }
        Type::Intersection(parts) => {
            let parts: Vec<String> =
                parts.iter().map(|part| write(part, Around::Intersection, depth)).collect();
            parenthesised(parts.join(" & "), matches!(around, Around::Union | Around::Postfix))
        }
        Type::Object(object) => body(object, depth),
        Type::Keyed { keys, value } => {
            let keys: Vec<String> = keys.iter().map(|key| quoted(key)).collect();
            let value = write(value, Around::Nothing, depth);
            format!("{{ [name in {}]?: {value} }}", keys.join(" | "))
        }
    }
}

fn parenthesised(text: String, is_needed: bool) -> String {
    if is_needed { format!("({text})") } else { text }
}

fn tuple(items: &[(Type, Presence)], rest: Option<&Type>, depth: usize) -> String {
    let mut parts: Vec<String> = items
        .iter()
        .map(|(ty, presence)| match presence {
            Presence::Required => write(ty, Around::Nothing, depth),
            Presence::Optional => format!("{}?", write(ty, Around::Postfix, depth)),
        })
        .collect();
    if let Some(rest) = rest {
        parts.push(format!("...{}[]", write(rest, Around::Postfix, depth)));
    }
    format!("[{}]", parts.join(", "))
}

/// An object on one line where it is that small.
fn body(object: &Object, depth: usize) -> String {
    match (&object.members[..], &object.others) {
        ([], Some(others)) => {
            format!("{{ [key: string]: {} }}", write(others, Around::Nothing, depth))
        }
        ([], None) => "{ [key: string]: unknown }".to_owned(),
        ([member], None) if member.comment.is_empty() => {
            let line = member_line(member, depth);
            let is_short = line.len() <= MAX_INLINE && !line.contains('\n');
            if is_short {
                format!("{{ {} }}", line.trim_end_matches(';'))
            } else {
                spread(object, depth)
            }
        }
        (_, _) => spread(object, depth),
    }
}

fn spread(object: &Object, depth: usize) -> String {
    let margin = indent(depth + 1);
    let mut out = "{\n".to_owned();
    for member in &object.members {
        out.push_str(&print_comment(&member.comment, depth + 1));
        out.push_str(&format!("{margin}{}\n", member_line(member, depth + 1)));
    }
    if let Some(others) = &object.others {
        let others = write(others, Around::Nothing, depth + 1);
        out.push_str(&format!("{margin}[key: string]: {others};\n"));
    }
    out.push_str(&format!("{}}}", indent(depth)));
    out
}

fn member_line(member: &Member, depth: usize) -> String {
    let mark = match member.presence {
        Presence::Required => "",
        Presence::Optional => "?",
    };
    let prefix = format!("{}{mark}:", member_name(&member.name));
    format!("{prefix}{};", print_after(&prefix, &member.ty, depth))
}

fn indent(depth: usize) -> String {
    "  ".repeat(depth)
}
