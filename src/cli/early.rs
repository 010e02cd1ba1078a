use std::borrow::Cow;

use clap::ValueEnum;

use crate::ui::{ColorChoice, OutputFormat};

/// What has to be known even when the arguments cannot be parsed: how to say so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Early {
    pub output: OutputFormat,
    pub color: ColorChoice,
}

impl Early {
    /// Looks for `-o` and `--color` without judging anything else.
    pub fn of<'a>(arguments: impl Iterator<Item = Cow<'a, str>>) -> Self {
        let mut early = Self::default();
        let mut arguments = arguments.skip(1).take_while(|argument| argument != "--");
        while let Some(argument) = arguments.next() {
            if let Some(text) = value(&argument, "--output", Some('o'), &mut arguments) {
                early.output = OutputFormat::from_str(&text, false).unwrap_or(early.output);
            } else if let Some(text) = value(&argument, "--color", None, &mut arguments) {
                early.color = ColorChoice::from_str(&text, false).unwrap_or(early.color);
            }
        }
        early
    }
}

/// The value that `argument`, or the one after it, gives the flag.
fn value<'a>(
    argument: &str,
    long: &str,
    short: Option<char>,
    rest: &mut impl Iterator<Item = Cow<'a, str>>,
) -> Option<String> {
    let attached = match argument.strip_prefix(long) {
        Some(attached) => attached,
        // `-o`, also behind switches: `-qojson`.
        None => {
            let letters = argument.strip_prefix('-')?.trim_start_matches(['q', 'v']);
            letters.strip_prefix(short?)?
        }
    };
    match attached.strip_prefix('=').unwrap_or(attached) {
        "" => rest.next().map(Cow::into_owned),
        text => Some(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_output_format_is_found_wherever_it_stands() {
        let json = OutputFormat::Json;
        let human = OutputFormat::Human;
        let table = [
            ("x -o json", json),
            ("x -ojson", json),
            ("x -o=json", json),
            ("x --output json", json),
            ("x --output=json", json),
            ("x -qo json", json),
            ("x nonsense --what -o json tail", json),
            ("x -o json -o human", human),
            ("x -o", human),
            ("x -o xml", human),
            ("x --only json", human),
            ("x -- -o json", human),
            ("", human),
        ];
        for (line, output) in table {
            assert_eq!(Early::of(line.split(' ').map(Cow::from)).output, output, "{line}");
        }
    }
}
