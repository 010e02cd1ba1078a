//! What a state has already been told about each class of nodes.

use crate::schema::compat::goal::Sign;

/// Classes in ascending order, so that unions of a thousand members are looked up fast.
#[derive(Debug, Clone, Default)]
pub(in crate::schema::compat) struct Seen(Vec<(u32, Sign)>);

/// What a literal adds to what is known.
pub(super) enum Added {
    New,
    Known,
    Contradiction,
}

impl Seen {
    pub(super) fn add(&mut self, class: u32, sign: Sign) -> Added {
        match self.place(class) {
            Ok(at) if self.0[at].1 == sign => Added::Known,
            Ok(_) => Added::Contradiction,
            Err(at) => {
                self.0.insert(at, (class, sign));
                Added::New
            }
        }
    }

    pub(super) fn sign(&self, class: u32) -> Option<Sign> {
        self.place(class).ok().map(|at| self.0[at].1)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    fn place(&self, class: u32) -> Result<usize, usize> {
        self.0.binary_search_by_key(&class, |(known, _)| *known)
    }
}
