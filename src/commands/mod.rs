//! One file per subcommand: arguments, report, run.

pub mod error;
