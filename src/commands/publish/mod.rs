//! `celerysalt publish`.

mod ledger;
mod lines;
