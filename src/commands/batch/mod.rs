//! Many messages to the broker: one engine for `publish -`, `replay`, `dlq retry` and `queue move`.
//!
//! [`Flight`] keeps a window of unconfirmed messages under way, hears signals and says what happens
//! to the connection. [`LineBooks`] keeps account of numbered lines, and [`BatchReport`] sums them
//! up. Where the messages come from, and which of them are sent, is left to the commands.

mod books;
mod flight;
mod ledger;
mod problems;
mod report;

pub use books::{LineBooks, Progressing, Unroutable};
pub use flight::{Flight, Opening, Outcomes, Parcel, Sent, Stop};
pub use ledger::{Fate, Ledger};
pub use problems::Problems;
pub use report::{BatchPublished, BatchReport};
