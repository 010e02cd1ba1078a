//! Numbers with their nouns, for every sentence that counts something.

use std::fmt::Display;

/// `1 message`, `2 messages`: English, for nouns that take an `s`.
pub fn counted(count: impl Display, noun: &str) -> String {
    let count = count.to_string();
    let ending = if count == "1" { "" } else { "s" };
    format!("{count} {noun}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_not_many() {
        let shown = [0_u64, 1, 2, 11].map(|count| counted(count, "error"));
        assert_eq!(shown, ["0 errors", "1 error", "2 errors", "11 errors"]);
    }
}
