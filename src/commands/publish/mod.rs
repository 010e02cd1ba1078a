//! `celerysalt publish`.

pub(super) mod ledger;
pub(super) mod lines;
