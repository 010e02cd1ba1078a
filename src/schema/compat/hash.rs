//! Maps with a fast hash: names and goals are looked up millions of times.

use foldhash::fast::RandomState;

pub(super) type HashMap<K, V> = std::collections::HashMap<K, V, RandomState>;
pub(super) type HashSet<T> = std::collections::HashSet<T, RandomState>;
pub(super) type IndexMap<K, V> = indexmap::IndexMap<K, V, RandomState>;
pub(super) type IndexSet<T> = indexmap::IndexSet<T, RandomState>;
