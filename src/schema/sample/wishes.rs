//! What a field's name says about its value. Addresses, numbers and domains are those that
//! standards keep for examples (RFC 2606, RFC 5737), so that a sample reaches nobody.

use super::calendar;
use super::dice::Dice;
use super::words;

/// A value that somebody would expect in a field of this name.
pub(super) fn text_of(name: &str, dice: &mut Dice) -> Option<String> {
    let parts = parts_of(name);
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let (before, last) = match parts.as_slice() {
        [] => return None,
        [last] => ("", *last),
        [.., before, last] => (*before, *last),
    };
    who_and_where((before, last), dice).or_else(|| what_and_when((before, last), dice))
}

/// The last two words of a name.
type Ending<'n> = (&'n str, &'n str);

fn word(dice: &mut Dice, from: &[&'static str]) -> String {
    dice.word(from).to_owned()
}

fn who_and_where(ending: Ending<'_>, dice: &mut Dice) -> Option<String> {
    Some(match ending {
        (_, "email" | "mail") => email(dice),
        ("first" | "given", "name") | (_, "firstname") => word(dice, words::FIRST_NAMES),
        ("last" | "family", "name") | (_, "lastname" | "surname") => word(dice, words::LAST_NAMES),
        ("company" | "organization" | "organisation" | "vendor" | "merchant", "name")
        | (_, "company" | "organization" | "organisation") => word(dice, words::COMPANIES),
        ("product" | "item" | "article", "name") | (_, "product" | "item") => {
            word(dice, words::PRODUCTS)
        }
        ("user", "name") | (_, "username" | "login" | "handle") => {
            word(dice, words::FIRST_NAMES).to_lowercase()
        }
        ("file", "name") | (_, "filename") => format!("{}.csv", dice.word(words::WORDS)),
        ("host", "name") | (_, "hostname" | "host" | "domain") => {
            format!("{}.example.com", dice.word(words::HOSTS))
        }
        ("country", "code") => word(dice, words::COUNTRY_CODES),
        ("currency", "code") | (_, "currency") => word(dice, words::CURRENCIES),
        ("postal" | "zip", "code") | (_, "postcode" | "zip") => dice.digits(5),
        (_, "name") => full_name(dice),
        (_, "city" | "town") => word(dice, words::CITIES),
        (_, "country") => word(dice, words::COUNTRIES),
        (_, "street") | ("address", "line") | (_, "line1") => {
            format!("{} {}", dice.between(1, 180), dice.word(words::STREETS))
        }
        (_, "address") => format!(
            "{} {}, {}",
            dice.between(1, 180),
            dice.word(words::STREETS),
            dice.word(words::CITIES)
        ),
        (_, "phone" | "telephone" | "mobile") | ("phone", "number") => {
            format!("+1202555{:04}", dice.between(100, 199))
        }
        _ => return None,
    })
}

fn what_and_when((before, last): Ending<'_>, dice: &mut Dice) -> Option<String> {
    Some(match (before, last) {
        (_, "url" | "uri" | "link" | "website" | "href") => url(dice),
        (_, "at" | "timestamp" | "datetime" | "since" | "until") => calendar::instant(dice),
        (_, "birthday" | "birthdate" | "dob") | ("birth", "date") => calendar::birthday(dice),
        (_, "date" | "day") => calendar::day(dice),
        (_, "time") => calendar::time(dice),
        (_, "uuid" | "guid") => uuid(dice),
        (_, "id" | "ids" | "key") => format!("{}-{}", id_prefix(before), dice.digits(6)),
        (_, "sku") => format!("SKU-{}", dice.digits(5)),
        (_, "number" | "reference" | "ref") => format!("{}-{}", id_prefix(before), dice.digits(8)),
        (_, "status" | "state") => word(dice, &["active", "pending", "done"]),
        ("error", "code") => word(dice, &["NOT_FOUND", "INVALID_STATE", "LIMIT_REACHED"]),
        (_, "code") => dice.word(words::WORDS).to_uppercase(),
        (_, "locale") => word(dice, &["en-US", "de-DE", "fr-FR", "pt-BR"]),
        (_, "language" | "lang") => word(dice, &["en", "de", "fr", "es"]),
        (_, "timezone" | "tz") => word(dice, &["UTC", "Europe/Berlin", "America/New_York"]),
        (_, "color" | "colour") => word(dice, &["blue", "green", "orange", "black"]),
        (_, "ip") => format!("192.0.2.{}", dice.between(1, 254)),
        (_, "token" | "hash" | "checksum" | "signature") => dice.hex(32),
        (_, "title" | "subject" | "label") => capitalized(&words_of(dice, 3)),
        (_, "description" | "message" | "comment" | "note" | "text" | "body" | "reason") => {
            format!("{}.", capitalized(&words_of(dice, 6)))
        }
        (_, "source" | "channel" | "platform") => word(dice, &["web", "mobile", "api"]),
        (_, "tag" | "category" | "kind" | "type" | "group") => word(dice, words::WORDS),
        (_, "price" | "amount" | "total" | "cost" | "fee") => {
            format!("{}.{:02}", dice.between(1, 200), dice.below(100))
        }
        _ => return None,
    })
}

/// Where a number in a field of this name is likely to lie.
pub(super) fn range_of(name: &str) -> Option<(i64, i64)> {
    let parts = parts_of(name);
    Some(match parts.last()?.as_str() {
        "id" | "ids" => (1_000, 99_999),
        "quantity" | "qty" | "count" | "attempts" | "retries" => (1, 10),
        "price" | "amount" | "total" | "subtotal" | "cost" | "fee" | "balance" => (5, 500),
        "tax" | "discount" | "shipping" => (1, 20),
        "cents" => (100, 50_000),
        "percent" | "percentage" => (1, 100),
        "rate" | "ratio" | "score" | "probability" | "confidence" => (0, 1),
        "age" => (18, 80),
        "year" => (2020, 2026),
        "month" => (1, 12),
        "day" | "days" => (1, 28),
        "hour" | "hours" => (0, 23),
        "minute" | "minutes" | "second" | "seconds" => (0, 59),
        "rating" | "stars" => (1, 5),
        "port" => (1_024, 49_151),
        "latitude" | "lat" => (-60, 70),
        "longitude" | "lon" | "lng" => (-170, 170),
        "weight" | "width" | "height" | "length" => (1, 100),
        "bytes" | "size" => (100, 100_000),
        "page" | "position" | "rank" | "index" => (1, 20),
        "timestamp" => (1_768_000_000, 1_769_000_000),
        _ => return None,
    })
}

pub(super) fn email(dice: &mut Dice) -> String {
    let (first, last) = (dice.word(words::FIRST_NAMES), dice.word(words::LAST_NAMES));
    format!("{first}.{last}@example.com").to_lowercase()
}

pub(super) fn url(dice: &mut Dice) -> String {
    format!("https://example.com/{}/{}", dice.word(words::WORDS), dice.between(1, 999))
}

/// A random UUID, version 4.
pub(super) fn uuid(dice: &mut Dice) -> String {
    let variant = dice.word(&["8", "9", "a", "b"]);
    format!(
        "{}-{}-4{}-{variant}{}-{}",
        dice.hex(8),
        dice.hex(4),
        dice.hex(3),
        dice.hex(3),
        dice.hex(12)
    )
}

fn full_name(dice: &mut Dice) -> String {
    format!("{} {}", dice.word(words::FIRST_NAMES), dice.word(words::LAST_NAMES))
}

fn words_of(dice: &mut Dice, count: usize) -> String {
    let words: Vec<&str> = (0..count).map(|_| dice.word(words::WORDS)).collect();
    words.join(" ")
}

fn capitalized(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// `ord` for `order_id`.
fn id_prefix(before: &str) -> &str {
    match before {
        "" => "id",
        long => long.char_indices().nth(3).map_or(long, |(end, _)| &long[..end]),
    }
}

/// The words of `createdAt`, `created_at` and `created-at`.
fn parts_of(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut was_lower = false;
    for character in name.chars() {
        let starts_word = character.is_uppercase() && was_lower;
        was_lower = character.is_lowercase();
        if starts_word || !character.is_alphanumeric() {
            parts.push(String::new());
        }
        if character.is_alphanumeric()
            && let Some(part) = parts.last_mut()
        {
            part.extend(character.to_lowercase());
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart_however_they_are_spelled() {
        for name in ["created_at", "createdAt", "created-at", "CreatedAt", "created__at"] {
            assert_eq!(parts_of(name), ["created", "at"], "{name}");
        }
        assert_eq!(parts_of(""), Vec::<String>::new());
    }

    #[test]
    fn names_suggest_what_somebody_would_expect() {
        let names = [
            "email",
            "billing_email",
            "first_name",
            "name",
            "city",
            "currency",
            "order_id",
            "created_at",
            "phone",
            "website_url",
            "postal_code",
            "unit_price",
            "status",
            "blob",
        ];
        let lines: Vec<String> = names
            .iter()
            .map(|name| {
                let text = text_of(name, &mut Dice::new(0, 0, 0));
                format!("{name}: {}", text.as_deref().unwrap_or("-"))
            })
            .collect();
        insta::assert_snapshot!(lines.join("\n"), @r"
        email: priya.kowalski@example.com
        billing_email: priya.kowalski@example.com
        first_name: Priya
        name: Priya Kowalski
        city: Porto
        currency: CHF
        order_id: ord-760990
        created_at: 2026-03-04T14:01:56Z
        phone: +12025550176
        website_url: https://example.com/pebble/608
        postal_code: 76099
        unit_price: 154.60
        status: done
        blob: -
        ");
    }
}
