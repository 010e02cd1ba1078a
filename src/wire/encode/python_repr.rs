//! `argsrepr` and `kwargsrepr`: the shortened `repr` of `celery.utils.saferepr`.

use super::super::json::{elements, members, string_value};
use super::super::serial::float_repr;

/// `argsrepr_maxsize` and `kwargsrepr_maxsize` of Celery, in characters.
const MAX_CHARACTERS: usize = 1024;
/// Celery's default for `task_repr_maxlevels`.
const MAX_LEVELS: usize = 3;

/// The `repr` of a compact JSON value as Celery writes it.
pub(super) fn saferepr(compact: &str) -> String {
    let mut writer = Writer { out: String::new(), left: MAX_CHARACTERS as i64, open: Vec::new() };
    if !writer.tokens(compact) {
        writer.out.push_str(", ...");
    }
    // What was opened is closed, limit or not.
    while let Some(closer) = writer.open.pop() {
        writer.out.push(closer);
    }
    writer.out
}

struct Writer {
    out: String,
    /// Characters until the limit.
    left: i64,
    /// The closers of what is open.
    open: Vec<char>,
}

/// What a container still has to write.
enum Rest<'c> {
    Value(&'c str),
    Key(&'c str),
    Separator(&'static str),
    Close,
}

impl Writer {
    /// Writes the value; whether all of it fitted.
    fn tokens(&mut self, compact: &str) -> bool {
        let mut rest = vec![Rest::Value(compact)];
        while let Some(next) = rest.pop() {
            match next {
                // Closers never count as left out.
                Rest::Close => {
                    if let Some(closer) = self.open.pop() {
                        self.push(&closer.to_string());
                    }
                }
                _ if self.left <= 0 => return false,
                Rest::Separator(text) => self.push(text),
                Rest::Key(key) => {
                    let text = quoted(key, self.left);
                    self.push(&text);
                }
                Rest::Value(value) => self.value(value, &mut rest),
            }
        }
        true
    }

    fn value<'c>(&mut self, value: &'c str, rest: &mut Vec<Rest<'c>>) {
        let is_deep = self.open.len() >= MAX_LEVELS;
        match value.as_bytes().first() {
            Some(b'{') if is_deep => self.push("{...}"),
            Some(b'[') if is_deep => self.push("[...]"),
            Some(b'{') => {
                self.push("{");
                self.open.push('}');
                let mut parts = Vec::new();
                for (position, member) in members(value).enumerate() {
                    if position > 0 {
                        parts.push(Rest::Separator(", "));
                    }
                    parts.push(Rest::Key(member.quoted_key()));
                    parts.push(Rest::Separator(": "));
                    parts.push(Rest::Value(member.value));
                }
                rest.push(Rest::Close);
                rest.extend(parts.into_iter().rev());
            }
            Some(b'[') => {
                self.push("[");
                self.open.push(']');
                let mut parts = Vec::new();
                for (position, element) in elements(value).enumerate() {
                    if position > 0 {
                        parts.push(Rest::Separator(", "));
                    }
                    parts.push(Rest::Value(element));
                }
                rest.push(Rest::Close);
                rest.extend(parts.into_iter().rev());
            }
            Some(b'"') => {
                let text = quoted(value, self.left);
                self.push(&text);
            }
            _ => {
                let text = truncated(&scalar(value), self.left);
                self.push(&text);
            }
        }
    }

    fn push(&mut self, text: &str) {
        self.out.push_str(text);
        self.left -= text.chars().count() as i64;
    }
}

/// `_format_chars`: no escapes but for the quote.
fn quoted(json_string: &str, left: i64) -> String {
    let text = string_value(json_string).unwrap_or_default();
    format!("'{}'", truncated(&text, left).replace('\'', "\\'"))
}

/// `celery.utils.text.truncate`: cut at the last space before the limit.
fn truncated(text: &str, left: i64) -> String {
    let limit = usize::try_from(left).unwrap_or_default();
    let Some((cut, _)) = text.char_indices().nth(limit.saturating_sub(1)) else {
        return text.to_owned();
    };
    // `cut` is where the last allowed character starts.
    let end = text[cut..].chars().next().map_or(cut, |c| cut + c.len_utf8());
    let kept = &text[..end];
    let kept = kept.rsplit_once(' ').map_or(kept, |(head, _)| head);
    format!("{kept}...")
}

/// `str()` of what a JSON number or literal becomes in Python.
fn scalar(value: &str) -> String {
    match value {
        "null" => "None".to_owned(),
        "true" => "True".to_owned(),
        "false" => "False".to_owned(),
        "-0" => "0".to_owned(),
        number if number.contains(['.', 'e', 'E']) => match number.parse() {
            Ok(value) => float_repr(value).unwrap_or_else(|_| {
                if number.starts_with('-') { "-inf" } else { "inf" }.to_owned()
            }),
            Err(_) => number.to_owned(),
        },
        number => number.to_owned(),
    }
}
