//! TypeScript's types, as far as they are needed.

/// A type expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Type {
    Unknown,
    Never,
    /// A keyword or a literal, as it is written.
    Word(String),
    /// A declaration of the same module.
    Named(String),
    Array(Box<Type>),
    Tuple {
        items: Vec<(Type, Presence)>,
        rest: Option<Box<Type>>,
    },
    Union(Vec<Type>),
    Intersection(Vec<Type>),
    Object(Object),
    /// Some of a few known keys.
    Keyed {
        keys: Vec<String>,
        value: Box<Type>,
    },
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Object {
    pub(super) members: Vec<Member>,
    /// The type of every other member; `None` where the schema says nothing about them.
    pub(super) others: Option<Box<Type>>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Member {
    /// As the schema spells it.
    pub(super) name: String,
    pub(super) presence: Presence,
    pub(super) ty: Type,
    pub(super) comment: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    Required,
    Optional,
}

impl Type {
    pub(super) fn word(word: &str) -> Self {
        Self::Word(word.to_owned())
    }

    /// `A | B`, each once; what can be anything is unknown.
    pub(super) fn union(types: impl IntoIterator<Item = Self>) -> Self {
        let mut kept: Vec<Self> = Vec::new();
        for ty in types {
            let parts = match ty {
                Self::Union(parts) => parts,
                Self::Never => continue,
                Self::Unknown => return Self::Unknown,
                other => vec![other],
            };
            for part in parts {
                if !kept.contains(&part) {
                    kept.push(part);
                }
            }
        }
        match kept.len() {
            0 => Self::Never,
            1 => kept.remove(0),
            _ => Self::Union(kept),
        }
    }

    /// `A & B`, each once.
    pub(super) fn intersection(types: impl IntoIterator<Item = Self>) -> Self {
        let mut kept: Vec<Self> = Vec::new();
        for ty in types {
            match ty {
                Self::Unknown => {}
                Self::Never => return Self::Never,
                other if kept.contains(&other) => {}
                other => kept.push(other),
            }
        }
        match kept.len() {
            0 => Self::Unknown,
            1 => kept.remove(0),
            _ => Self::Intersection(kept),
        }
    }

    /// The declarations that have to be known to know what this is: those that do not stand inside
    /// an object or an array.
    pub(super) fn direct_names(&self) -> Vec<&str> {
        match self {
            Self::Named(name) => vec![name],
            Self::Union(types) | Self::Intersection(types) => {
                types.iter().flat_map(Self::direct_names).collect()
            }
            Self::Unknown
            | Self::Never
            | Self::Word(_)
            | Self::Array(_)
            | Self::Tuple { .. }
            | Self::Object(_)
            | Self::Keyed { .. } => Vec::new(),
        }
    }

    /// The same with `unknown` in place of directly named declarations that `is_circular` points
    /// out.
    pub(super) fn without(self, is_circular: &dyn Fn(&str) -> bool) -> Self {
        match self {
            Self::Named(name) if is_circular(&name) => Self::Unknown,
            Self::Union(types) => Self::union(types.into_iter().map(|ty| ty.without(is_circular))),
            Self::Intersection(types) => {
                Self::intersection(types.into_iter().map(|ty| ty.without(is_circular)))
            }
            other => other,
        }
    }
}
