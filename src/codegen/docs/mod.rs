//! Documentation for people: Markdown, a page per topic, and the same as one HTML file.
//!
//! Both say what the events look like, what changed between their versions and who can still read
//! whom. Every word that comes from a schema is treated as hostile: it cannot become markup.

mod changes;
mod describe;
mod example;
mod fields;
mod html;
mod markdown;
mod markdown_text;
mod page;
mod parties;
mod span;
#[cfg(test)]
mod tests;

use self::page::TopicPage;
use super::target::{GeneratedFile, Options, Output};
use super::topics;
use crate::schema::SchemaDocument;

/// `README.md` and `topics/<topic>.md`, and `index.html`, which stands alone. Every version that is
/// handed over is described, with what changed since the one before.
pub fn files(documents: &[SchemaDocument], options: &Options) -> Output {
    let pages: Vec<TopicPage<'_>> = topics::by_topic(documents).iter().map(page::page).collect();
    let file = |path: &str, text: String| GeneratedFile { path: path.to_owned(), text };
    let mut files = vec![
        file("README.md", markdown::index(&pages, options)),
        file("index.html", html::page(&pages, options)),
    ];
    for page in &pages {
        files.push(file(&format!("topics/{}.md", page.stem), markdown::topic(page, options)));
    }
    Output::of(files, Vec::new())
}
