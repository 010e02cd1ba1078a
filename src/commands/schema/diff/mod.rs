//! `schema diff`: what a change of the schemas breaks, for whom, with a proof.

mod report;

pub use report::SchemaDiff;
