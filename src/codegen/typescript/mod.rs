//! TypeScript: a module of types per topic and version, and an index that maps topics to them.
//!
//! The types describe the JSON that travels: dates, UUIDs and bytes are text, every number is a
//! `number`. Required, nullable and optional members are kept apart. What a type leaves out stands
//! in its comment; what is wrong without it is noted as well.

mod index;
mod literal;
mod module;

mod object;
mod print;
mod read;
mod remark;
#[cfg(test)]
mod tests;
mod ty;

use self::module::Module;
use super::keys::file_stem;
use super::target::{GeneratedFile, Options, Output};
use super::topics;
use super::type_names;
use crate::schema::SchemaDocument;

/// `index.ts` and one module per document, `order.created.v2.ts`.
pub fn files(documents: &[SchemaDocument], options: &Options) -> Output {
    let topics = topics::by_topic(documents);
    let documents: Vec<&SchemaDocument> =
        topics.iter().flat_map(|topic| topic.versions.iter().copied()).collect();
    let candidates: Vec<Vec<String>> =
        documents.iter().map(|document| type_names::of_document(document)).collect();
    let chosen = type_names::distinct(&candidates, &[]);
    let modules: Vec<Module<'_>> = documents
        .iter()
        .zip(chosen)
        .map(|(document, name)| {
            let stem = file_stem(&format!("{}.{}", document.topic, document.version));
            Module::new(document, stem, &name)
        })
        .collect();
    let index = index::index(&modules, options);
    let mut files = vec![GeneratedFile { path: "index.ts".to_owned(), text: index }];
    let mut losses = Vec::new();
    for module in &modules {
        let (text, lost) = module.text(options);
        files.push(GeneratedFile { path: format!("{}.ts", module.stem), text });
        losses.extend(lost);
    }
    Output::of(files, losses)
}
