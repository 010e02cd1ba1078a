//! `celerysalt call`.

mod answer;
mod explain;
mod measure;
