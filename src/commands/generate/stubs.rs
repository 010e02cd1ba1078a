use clap::{Args, ValueEnum, ValueHint};

use super::arguments::GenerateTargetArgs;
use crate::codegen::python;

/// Generate a Python package with the types of every event
///
/// The package replaces that of the publisher: its event classes register the stored schema when
/// they are imported, so that a service can subscribe to them. One topic without --out is printed
/// as a single module.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  celerysalt generate stubs\n  \
    celerysalt generate stubs 'order.#' --out shop/events\n  \
    celerysalt generate stubs user.signup --style pydantic > signup.py")]
#[command(disable_version_flag = true)]
#[command(mut_arg("out", |out| out
    .help("The folder of the package [default: celerysalt_types]")
    .value_hint(ValueHint::DirPath)))]
pub struct StubsArgs {
    #[command(flatten)]
    pub(super) target: GenerateTargetArgs,
    /// What to generate
    #[arg(long, value_name = "STYLE", default_value = "salt")]
    pub(super) style: Style,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Style {
    /// Event classes for celery-salt with Pydantic payloads
    Salt,
    /// Pydantic models only
    Pydantic,
    /// The types of `salt` for type checkers alone, as .pyi files
    Pyi,
    /// TypedDict: the shapes of decoded JSON, for plain handlers
    Typeddict,
    /// Frozen dataclasses: the shapes of decoded JSON; nothing is parsed
    Dataclass,
}

impl Style {
    /// The words that choose it, each with a blank before it.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Salt => "",
            Self::Pydantic => " --style pydantic",
            Self::Pyi => " --style pyi",
            Self::Typeddict => " --style typeddict",
            Self::Dataclass => " --style dataclass",
        }
    }

    pub(super) fn writer(self) -> python::Style {
        match self {
            Self::Salt => python::Style::Salt,
            Self::Pydantic => python::Style::Pydantic,
            Self::Pyi => python::Style::Pyi,
            Self::Typeddict => python::Style::TypedDict,
            Self::Dataclass => python::Style::Dataclass,
        }
    }
}
