use std::collections::HashSet;

/// More different remarks than this say nothing more.
const MOST: usize = 100;

/// What a person should hear about the registry, each thing once.
#[derive(Debug, Default)]
pub(super) struct Remarks {
    said: HashSet<String>,
    waiting: Vec<String>,
}

impl Remarks {
    pub fn push(&mut self, text: String) {
        if self.said.len() < MOST && self.said.insert(text.clone()) {
            self.waiting.push(text);
        }
    }

    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub fn take(&mut self) -> Vec<String> {
        std::mem::take(&mut self.waiting)
    }
}
