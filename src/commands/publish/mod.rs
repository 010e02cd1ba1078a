//! `celerysalt publish`.

mod lines;
