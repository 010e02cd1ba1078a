//! Words of a topic in the spellings that languages like.

/// `user.signup-completed` as `UserSignupCompleted`; letters that are not ASCII stay.
pub fn pascal_case(text: &str) -> String {
    words(text).map(capitalised).collect()
}

/// `user.signup-completed` as `user_signup_completed`.
pub fn snake_case(text: &str) -> String {
    let words: Vec<String> = words(text).map(str::to_lowercase).collect();
    words.join("_")
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    let Some(first) = letters.next() else { return String::new() };
    first.to_uppercase().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_become_names() {
        let table = [
            ("user.signup-completed", "UserSignupCompleted", "user_signup_completed"),
            ("rpc.calcSum", "RpcCalcSum", "rpc_calcsum"),
            ("a..b_c", "ABC", "a_b_c"),
            ("2fa.enabled", "2faEnabled", "2fa_enabled"),
            ("größe.über", "GrößeÜber", "größe_über"),
        ];
        for (topic, pascal, snake) in table {
            assert_eq!((pascal_case(topic), snake_case(topic)), (pascal.into(), snake.into()));
        }
    }
}
