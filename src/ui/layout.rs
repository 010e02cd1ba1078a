use std::io::{self, IsTerminal};

use console::Term;

/// What human text is laid out for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    pub target: Target,
    /// Characters in a line: `COLUMNS`, else the terminal's width, else 80.
    pub columns: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    Terminal,
    /// A pipe or a file: no borders, nothing cut off.
    Pipe,
}

impl Layout {
    const DEFAULT_COLUMNS: usize = 80;

    /// Whatever claims to be narrower does not know its size.
    const LEAST_COLUMNS: usize = 20;

    pub(super) fn of_stdout() -> Self {
        let target = if io::stdout().is_terminal() { Target::Terminal } else { Target::Pipe };
        let from_environment = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
        let from_terminal =
            || Term::stdout().size_checked().map(|(_, columns)| usize::from(columns));
        let columns = from_environment
            .or_else(from_terminal)
            .filter(|columns| *columns >= Self::LEAST_COLUMNS)
            .unwrap_or(Self::DEFAULT_COLUMNS);
        Self { target, columns }
    }
}

impl Default for Layout {
    fn default() -> Self {
        Self { target: Target::Pipe, columns: Self::DEFAULT_COLUMNS }
    }
}
