//! Pieces of a line, before anybody decides between Markdown and HTML.

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Span {
    Text(String),
    Code(String),
    /// A type with a table of its own on the same page.
    Link {
        name: String,
        anchor: String,
    },
}

impl Span {
    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    pub(super) fn code(text: &str) -> Self {
        Self::Code(text.to_owned())
    }
}

/// The words alone, to compare two versions by.
pub(super) fn plain(spans: &[Span]) -> String {
    let words = spans.iter().map(|span| match span {
        Span::Text(text) | Span::Code(text) => text.as_str(),
        Span::Link { name, .. } => name,
    });
    words.collect()
}

/// `a, b or c`.
pub(super) fn joined(parts: Vec<Vec<Span>>, between: &str) -> Vec<Span> {
    let mut out = Vec::new();
    for (index, part) in parts.into_iter().enumerate() {
        if index > 0 {
            out.push(Span::text(between));
        }
        out.extend(part);
    }
    out
}
