use serde_json::{Map, Value, json};

use super::Obstacle;
use super::calendar;
use super::dice::Dice;
use super::maker::Maker;
use super::{pattern, wishes, words};
use crate::schema::validate::EventValidator;

/// Tries for a text that has the right length.
const TRIES: u32 = 16;
/// Tries for a text that matches a pattern, with ever longer repetitions.
const PATTERN_TRIES: u32 = 60;
/// Nobody looks at a sample that is longer.
const LONGEST: u64 = 100_000;

/// How many characters a text may have.
#[derive(Debug, Clone, Copy)]
struct Length {
    least: u64,
    most: u64,
}

impl Length {
    fn of(node: &Map<String, Value>) -> Self {
        let count = |keyword: &str| node.get(keyword).and_then(Value::as_f64);
        Self {
            least: count("minLength").map_or(0, |number| number as u64),
            most: count("maxLength").map_or(u64::MAX, |number| number as u64),
        }
    }

    fn allows(self, text: &str) -> bool {
        (self.least..=self.most).contains(&(text.chars().count() as u64))
    }
}

pub(super) fn make(
    maker: &mut Maker<'_>,
    node: &Map<String, Value>,
    name: &str,
) -> Result<String, Obstacle> {
    let length = Length::of(node);
    if length.least > length.most.min(LONGEST) {
        return Err(maker.obstacle("minLength", "no text is that long"));
    }
    let format = node.get("format").and_then(Value::as_str);
    if let Some(pattern) = node.get("pattern").and_then(Value::as_str) {
        return matching(maker, (node, pattern), name);
    }
    if let Some(inner) = node.get("contentSchema") {
        return Ok(maker.value(inner, name)?.to_string());
    }
    if node.get("contentEncoding").is_some_and(|name| name == "base64") {
        return Ok(encoded(length, &mut maker.dice));
    }
    for attempt in 0..TRIES {
        let text = match format.and_then(|format| formatted(format, attempt, &mut maker.dice)) {
            Some(text) => text,
            None => match wishes::text_of(name, &mut maker.dice) {
                Some(text) => text,
                None => break,
            },
        };
        if length.allows(&text) {
            return Ok(text);
        }
    }
    match format {
        Some("email" | "idn-email") => Ok(stretched("@example.com", length)),
        Some("uri" | "iri") => Ok(format!("https://example.com/{}", filler(length, 20))),
        Some(_) | None => Ok(worded(length, &mut maker.dice)),
    }
}

/// A text for a pattern: what the schema or the name suggest if it matches, else one of its own.
fn matching(
    maker: &mut Maker<'_>,
    (node, pattern): (&Map<String, Value>, &str),
    name: &str,
) -> Result<String, Obstacle> {
    let mut rules = json!({ "type": "string" });
    for keyword in ["pattern", "minLength", "maxLength", "format"] {
        if let Some(value) = node.get(keyword) {
            rules[keyword] = value.clone();
        }
    }
    let Ok(rules) = EventValidator::compile(&rules) else {
        return Err(maker.obstacle("pattern", "it is not understood"));
    };
    let is_match = |text: &String| rules.is_valid(&Value::String(text.clone()));
    let length = Length::of(node);
    let format = node.get("format").and_then(Value::as_str);
    let examples = node.get("examples").and_then(Value::as_array).into_iter().flatten();
    let given: Vec<&str> = examples.chain(node.get("default")).filter_map(Value::as_str).collect();
    let dice = &mut maker.dice;
    let mut suggested: Vec<String> = Vec::new();
    suggested.extend(format.and_then(|format| formatted(format, 0, dice)));
    suggested.extend((0..3).filter_map(|_| wishes::text_of(name, dice)));
    suggested.extend(dice.pick(&given).map(|text| (*text).to_owned()));
    if let Some(text) = suggested.into_iter().find(&is_match) {
        return Ok(text);
    }
    for attempt in 0..PATTERN_TRIES {
        let Some(text) = pattern::text_for(pattern, attempt / 4, dice) else { break };
        if is_match(&text) {
            return Ok(text);
        }
        let padded = text + &filler(length, length.least);
        if is_match(&padded) {
            return Ok(padded);
        }
    }
    let plain = ["1.5", "42", "a", "abc", "A1", "2026-01-15"].map(str::to_owned);
    let known = given.into_iter().map(str::to_owned).chain(plain);
    known.into_iter().find(is_match).ok_or_else(|| {
        maker.obstacle("pattern", "no text that matches was found; give the field an example")
    })
}

/// A text of a format. Later attempts are shorter.
fn formatted(format: &str, attempt: u32, dice: &mut Dice) -> Option<String> {
    let is_short = attempt > 7;
    Some(match format {
        "email" | "idn-email" | "name-email" if is_short => "a@b.co".to_owned(),
        "email" | "idn-email" | "name-email" => wishes::email(dice),
        "uuid" | "uuid1" | "uuid3" | "uuid4" | "uuid5" | "uuid6" | "uuid7" | "uuid8" => {
            wishes::uuid(dice)
        }
        "date-time" => calendar::instant(dice),
        "date" => calendar::day(dice),
        "time" => format!("{}Z", calendar::time(dice)),
        "duration" => dice.word(&["PT15M", "PT1H30M", "P1D", "P3D", "P1W"]).to_owned(),
        "uri" | "iri" | "uri-reference" | "iri-reference" | "multi-host-uri" if is_short => {
            "a:b".to_owned()
        }
        "uri" | "iri" | "uri-reference" | "iri-reference" | "uri-template" => wishes::url(dice),
        "hostname" | "idn-hostname" => format!("{}.example.com", dice.word(words::HOSTS)),
        "ipv4" | "ipvanyaddress" => format!("192.0.2.{}", dice.between(1, 254)),
        "ipv6" => format!("2001:db8::{:x}", dice.between(1, 0xffff)),
        "ipv4network" | "ipvanynetwork" => "192.0.2.0/24".to_owned(),
        "ipv6network" => "2001:db8::/32".to_owned(),
        "ipv4interface" | "ipvanyinterface" => "192.0.2.1/24".to_owned(),
        "ipv6interface" => "2001:db8::1/32".to_owned(),
        "json-pointer" => "/items/0".to_owned(),
        "relative-json-pointer" => "0/items".to_owned(),
        "regex" => "^[a-z]+$".to_owned(),
        "json-string" => "{}".to_owned(),
        "byte" | "base64" => "ZXhhbXBsZQ==".to_owned(),
        "path" | "file-path" => format!("/srv/data/{}.csv", dice.word(words::WORDS)),
        "directory-path" => "/srv/data".to_owned(),
        "color" => dice.word(&["#1e90ff", "#2e8b57", "#ff8c00"]).to_owned(),
        _ => return None,
    })
}

/// Words, cut or continued to the length.
fn worded(length: Length, dice: &mut Dice) -> String {
    let wanted = length.least.max(1).max(dice.between(1, 12)).min(length.most);
    let mut text = String::new();
    while (text.len() as u64) < wanted {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(dice.word(words::WORDS));
    }
    if text.len() as u64 > length.most {
        text.truncate(length.most as usize);
    }
    if text.ends_with(' ') {
        text.pop();
        text.push('x');
    }
    text
}

/// Base64 of whole bytes, of a length that fits if one does.
fn encoded(length: Length, dice: &mut Dice) -> String {
    const GROUPS: [&str; 3] = ["ZXhh", "bXBs", "c2Ft"];
    let groups = length.least.div_ceil(4).max(dice.between(1, 3)).min(length.most / 4);
    (0..groups).map(|_| dice.word(&GROUPS)).collect()
}

fn filler(length: Length, taken: u64) -> String {
    "x".repeat(length.least.saturating_sub(taken).clamp(1, LONGEST) as usize)
}

/// A local part that makes the address as long as it has to be.
fn stretched(domain: &str, length: Length) -> String {
    format!("{}{domain}", filler(length, domain.len() as u64))
}
