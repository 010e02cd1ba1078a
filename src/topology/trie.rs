use std::collections::HashMap;

/// Many topic-exchange patterns, asked all at once which of them match a routing key.
///
/// The time depends on the words of the key and on how many patterns share a beginning with it,
/// not on how many patterns there are. Matching is that of [`crate::event::RoutingPattern`], without
/// its limits on what a pattern may hold: a broker's bindings hold what they hold.
#[derive(Debug, Clone)]
pub struct TopicTrie {
    words: HashMap<Box<str>, u32>,
    children: HashMap<(u32, u32), u32>,
    nodes: Vec<Node>,
}

#[derive(Debug, Clone, Default)]
struct Node {
    star: Option<u32>,
    hash: Option<u32>,
    /// Reached over a `#`, so that further words may be swallowed here.
    is_hash: bool,
    /// The patterns that end here.
    patterns: Vec<u32>,
}

impl Default for TopicTrie {
    fn default() -> Self {
        Self { words: HashMap::new(), children: HashMap::new(), nodes: vec![Node::default()] }
    }
}

impl TopicTrie {
    /// Adds a pattern; `number` is what [`TopicTrie::matches`] gives back.
    pub fn insert(&mut self, pattern: &str, number: u32) {
        let mut node = 0;
        for word in words(pattern) {
            node = self.child(node, word);
        }
        self.node_mut(node).patterns.push(number);
    }

    /// The numbers of the patterns that match, in no particular order.
    pub fn matches(&self, routing_key: &str) -> Vec<u32> {
        let mut walk = Walk { trie: self, reached: vec![0; self.nodes.len().div_ceil(64)] };
        let mut current = Vec::new();
        let mut next = Vec::new();
        walk.enter(0, &mut current);
        for word in words(routing_key) {
            let word = self.words.get(word).copied();
            walk.clear(&current);
            for node in current.drain(..) {
                walk.step(node, word, &mut next);
            }
            std::mem::swap(&mut current, &mut next);
        }
        current.iter().flat_map(|node| &self.node(*node).patterns).copied().collect()
    }

    fn child(&mut self, node: u32, word: &str) -> u32 {
        let new = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        let child = match word {
            "*" => *self.node_mut(node).star.get_or_insert(new),
            "#" => *self.node_mut(node).hash.get_or_insert(new),
            word => {
                let next_word = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
                let word = match self.words.get(word) {
                    Some(known) => *known,
                    None => *self.words.entry(word.into()).or_insert(next_word),
                };
                *self.children.entry((node, word)).or_insert(new)
            }
        };
        if child == new {
            self.nodes.push(Node { is_hash: word == "#", ..Node::default() });
        }
        child
    }

    fn node(&self, node: u32) -> &Node {
        &self.nodes[node as usize]
    }

    fn node_mut(&mut self, node: u32) -> &mut Node {
        &mut self.nodes[node as usize]
    }
}

/// One search: which nodes the words so far lead to, each once.
struct Walk<'a> {
    trie: &'a TopicTrie,
    reached: Vec<u64>,
}

impl Walk<'_> {
    /// Adds a node, and those that follow it over a `#` that stands for no word.
    fn enter(&mut self, node: u32, nodes: &mut Vec<u32>) {
        let mut entered = Some(node);
        while let Some(node) = entered {
            let (slot, bit) = (node as usize / 64, 1_u64 << (node % 64));
            if self.reached[slot] & bit != 0 {
                return;
            }
            self.reached[slot] |= bit;
            nodes.push(node);
            entered = self.trie.node(node).hash;
        }
    }

    fn step(&mut self, from: u32, word: Option<u32>, nodes: &mut Vec<u32>) {
        let node = self.trie.node(from);
        if node.is_hash {
            self.enter(from, nodes);
        }
        if let Some(child) = word.and_then(|word| self.trie.children.get(&(from, word))) {
            self.enter(*child, nodes);
        }
        if let Some(star) = node.star {
            self.enter(star, nodes);
        }
    }

    fn clear(&mut self, nodes: &[u32]) {
        for node in nodes {
            self.reached[*node as usize / 64] = 0;
        }
    }
}

/// The words of a key; the empty key has none.
pub(super) fn words(key: &str) -> impl Iterator<Item = &str> {
    key.split('.').take(if key.is_empty() { 0 } else { usize::MAX })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::event::RoutingPattern;

    fn matching(patterns: &[String], key: &str) -> Vec<u32> {
        let mut trie = TopicTrie::default();
        for (number, pattern) in (0..).zip(patterns) {
            trie.insert(pattern, number);
        }
        let mut found = trie.matches(key);
        found.sort_unstable();
        found
    }

    #[test]
    fn equal_patterns_are_all_found() {
        let patterns = ["a.*", "a.#", "a.*", "b"].map(str::to_owned);
        assert_eq!(matching(&patterns, "a.x"), [0, 1, 2]);
        assert_eq!(matching(&patterns, ""), [0_u32; 0]);
    }

    proptest! {
        #[test]
        fn the_trie_agrees_with_matching_one_pattern_at_a_time(
            patterns in prop::collection::vec(
                prop::collection::vec(prop::sample::select(vec!["*", "#", "a", "b", ""]), 0..6),
                0..40,
            ),
            key in prop::collection::vec(prop::sample::select(vec!["a", "b", "c", "", "*"]), 0..7),
        ) {
            let patterns: Vec<String> = patterns.iter().map(|words| words.join(".")).collect();
            let key = key.join(".");
            let expected: Vec<u32> = (0..)
                .zip(&patterns)
                .filter(|(_, pattern)| pattern.parse::<RoutingPattern>().unwrap().matches(&key))
                .map(|(number, _)| number)
                .collect();
            prop_assert_eq!(matching(&patterns, &key), expected);
        }
    }
}
