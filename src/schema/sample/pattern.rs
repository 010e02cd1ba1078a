//! Texts that a regular expression matches, from its syntax tree.

use regex_syntax::Parser;
use regex_syntax::hir::{Class, Hir, HirKind};

use super::dice::Dice;

/// Characters of one text; a pattern that wants more is given up.
const LONGEST: usize = 20_000;
/// More of a repetition than it asks for, at first.
const EXTRA: u32 = 3;

/// A text that matches, anchors taken for granted; `None` for a pattern that is no regular
/// expression, such as one with look-around. With `stretch` repetitions grow.
pub(super) fn text_for(pattern: &str, stretch: u32, dice: &mut Dice) -> Option<String> {
    let tree = Parser::new().parse(pattern).ok()?;
    let mut text = String::new();
    let is_whole = push(&tree, (&mut text, stretch), dice);
    is_whole.then_some(text)
}

fn push(tree: &Hir, (text, stretch): (&mut String, u32), dice: &mut Dice) -> bool {
    if text.len() > LONGEST {
        return false;
    }
    match tree.kind() {
        // Where an anchor or a word boundary does not hold, the text is refused by who asked.
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => match str::from_utf8(&literal.0) {
            Ok(literal) => {
                text.push_str(literal);
                true
            }
            Err(_) => false,
        },
        HirKind::Class(class) => match character(class, dice) {
            Some(character) => {
                text.push(character);
                true
            }
            None => false,
        },
        HirKind::Repetition(repetition) => {
            let extra = (EXTRA + stretch * stretch).min(LONGEST as u32);
            let most = repetition.min.saturating_add(extra);
            let last = repetition.max.map_or(most, |max| max.min(most));
            let count = dice.between(u64::from(repetition.min), u64::from(last));
            (0..count).all(|_| push(&repetition.sub, (text, stretch), dice))
        }
        HirKind::Capture(capture) => push(&capture.sub, (text, stretch), dice),
        HirKind::Concat(parts) => parts.iter().all(|part| push(part, (text, stretch), dice)),
        HirKind::Alternation(branches) => match dice.pick(branches) {
            Some(branch) => push(branch, (text, stretch), dice),
            None => false,
        },
    }
}

/// A plain letter or digit where the class has one.
fn character(class: &Class, dice: &mut Dice) -> Option<char> {
    let ranges: Vec<(char, char)> = match class {
        Class::Unicode(class) => {
            class.ranges().iter().map(|range| (range.start(), range.end())).collect()
        }
        Class::Bytes(class) => class
            .ranges()
            .iter()
            .map(|range| (char::from(range.start()), char::from(range.end().min(0x7f))))
            .collect(),
    };
    let has = |c: &char| ranges.iter().any(|(first, last)| first <= c && c <= last);
    for plain in [PLAIN, "-_. /:+@#"] {
        let inside: Vec<char> = plain.chars().filter(has).collect();
        if let Some(character) = dice.pick(&inside) {
            return Some(*character);
        }
    }
    ranges.first().map(|(first, _)| *first)
}

const PLAIN: &str = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_match_their_patterns() {
        for pattern in [
            "^[A-Z]{3}$",
            r"^\d{4}-\d{2}(-[a-z]+)?$",
            "^(a|b|cd)*$",
            r"^[^@\s]+@[^@\s]+\.[a-z]{2,}$",
            r"^\+?[0-9 ]{7,15}$",
            "^[äöü]{2,}.$",
            r"^ord_[0-9a-f]{16}$",
            r"\bSKU-\d+",
        ] {
            let regex = regex_lite::Regex::new(pattern).unwrap();
            for seed in 0..20 {
                let mut dice = Dice::new(seed, 0, 0);
                let text = text_for(pattern, seed as u32 % 4, &mut dice).unwrap();
                assert!(regex.is_match(&text), "{pattern} {text:?}");
            }
        }
    }

    #[test]
    fn what_is_no_regular_expression_is_refused_and_huge_texts_are_given_up() {
        let mut dice = Dice::new(0, 0, 0);
        for pattern in ["^(?!a)b$", "(", "a{1000}{100}", r"(?-u:\xff)"] {
            assert_eq!(text_for(pattern, 0, &mut dice), None, "{pattern}");
        }
    }
}
