use std::io::{self, Write};

use console::Style as Ansi;
use serde::Serialize;

use super::layout::Layout;

/// One value that gives both the human text and the JSON of a command's answer.
pub trait Report: Serialize {
    fn write_human(&self, out: &mut dyn Write, style: &Style) -> io::Result<()>;
}

/// The few styles the tool uses, plain when colour is off, and the space there is.
#[derive(Debug, Clone)]
pub struct Style {
    pub heading: Ansi,
    pub good: Ansi,
    pub bad: Ansi,
    pub warning: Ansi,
    pub dim: Ansi,
    pub key: Ansi,
    pub string: Ansi,
    pub number: Ansi,
    /// `true`, `false` and `null`.
    pub literal: Ansi,
    pub layout: Layout,
}

impl Style {
    pub fn new(colored: bool) -> Self {
        let ansi = || Ansi::new().force_styling(colored);
        Self {
            heading: ansi().bold(),
            good: ansi().green(),
            bad: ansi().red().bold(),
            warning: ansi().yellow(),
            dim: ansi().dim(),
            key: ansi().cyan(),
            string: ansi().green(),
            number: ansi().magenta(),
            literal: ansi().yellow(),
            layout: Layout::default(),
        }
    }

    #[must_use]
    pub fn with_layout(self, layout: Layout) -> Self {
        Self { layout, ..self }
    }
}
