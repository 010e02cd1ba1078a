//! The printer's choices as values of flags; here, so that `ui` need not know the parser.

use clap::ValueEnum;
use clap::builder::PossibleValue;

use crate::ui::{ColorChoice, OutputFormat};

impl ValueEnum for OutputFormat {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Human, Self::Json, Self::Jsonl]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let (name, help) = match self {
            Self::Human => ("human", "Text for people"),
            Self::Json => ("json", "One JSON document"),
            Self::Jsonl => ("jsonl", "One JSON document a line"),
        };
        Some(PossibleValue::new(name).help(help))
    }
}

impl ValueEnum for ColorChoice {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Auto, Self::Always, Self::Never]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        let (name, help) = match self {
            Self::Auto => ("auto", "On a terminal, unless NO_COLOR is set"),
            Self::Always => ("always", "Even into a pipe"),
            Self::Never => ("never", "Plain text"),
        };
        Some(PossibleValue::new(name).help(help))
    }
}
