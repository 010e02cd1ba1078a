//! `celerysalt call`.

mod answer;
mod explain;
