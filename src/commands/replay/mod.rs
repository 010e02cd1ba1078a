//! `celerysalt replay`: publish what a recording holds, with its original timing.

mod timeline;

pub use timeline::{Speed, SpeedError};
