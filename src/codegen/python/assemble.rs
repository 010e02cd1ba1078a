//! Files from their pieces: header, imports, classes with the blank lines between them.

use std::collections::{BTreeMap, BTreeSet};

use super::expr::{Expr, assignment};
use super::imports::{from_import, natural};
use super::literal;
use super::module::Classes;
use super::package::{Settings, Style, Surroundings};
use super::salt;
use crate::codegen::target::{HEADER, Options};
use crate::schema::{Contract, SchemaDocument};

/// What a stub does not cover.
const STUB_NOTE: &str = "\
# For type checkers only: import it under TYPE_CHECKING. It describes what a handler receives
# that subscribes with the event class; plain handlers get nested models as dictionaries.
";

/// The whole file of a module.
pub(super) fn module(
    (document, contract): (&SchemaDocument, &Contract<'_>),
    written: &Classes,
    Settings { style, options, surroundings }: Settings<'_>,
) -> String {
    let mut text = format!("# {HEADER}\n");
    let facts = format!(
        "topic: {}, version: {}, mode: {}",
        document.topic, document.version, document.mode
    );
    for line in [
        &facts,
        &format!("schema: sha256:{}", contract.hash()),
        &format!("update: {}", options.update_command),
    ] {
        text.push_str(&literal::comment(line));
        text.push('\n');
    }
    if surroundings == Surroundings::Alone && style == Style::Salt {
        text.push_str(salt::UNTYPED);
    }
    if style == Style::Pyi {
        text.push_str(STUB_NOTE);
    } else {
        text.push_str("from __future__ import annotations\n\n");
    }
    let imports = written.imports.text();
    if !imports.is_empty() {
        text.push_str(&imports);
    }
    let mut after = Spacing::Narrow;
    let mut before = "";
    for block in &written.texts {
        if style == Style::Pyi && ends_as_one_liner(before) && is_one_liner(block) {
            text.push_str(block);
            continue;
        }
        before = block;
        text.push_str(match (after, Spacing::before(block)) {
            (Spacing::Narrow, Spacing::Narrow) => "\n",
            (Spacing::Wide, _) | (_, Spacing::Wide) if style == Style::Pyi => "\n",
            (Spacing::Wide, _) | (_, Spacing::Wide) => "\n\n",
        });
        text.push_str(block);
        after = Spacing::after(block);
    }
    text
}

/// Stubs of classes on one line stand close together.
fn is_one_liner(block: &str) -> bool {
    block.starts_with("class ") && block.ends_with("): ...\n")
}

/// The same with a comment before it, which keeps its distance from what stands above.
fn ends_as_one_liner(block: &str) -> bool {
    let first = block.lines().find(|line| !line.starts_with('#')).unwrap_or_default();
    first.starts_with("class ") && block.ends_with("): ...\n")
}

/// Blank lines around a statement: one, or two around classes and functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spacing {
    Narrow,
    Wide,
}

impl Spacing {
    fn before(block: &str) -> Self {
        let first = block.lines().find(|line| !line.starts_with('#')).unwrap_or_default();
        if is_definition(first) { Self::Wide } else { Self::Narrow }
    }

    fn after(block: &str) -> Self {
        if block.lines().any(is_definition) { Self::Wide } else { Self::Narrow }
    }
}

fn is_definition(line: &str) -> bool {
    ["class ", "def ", "@"].iter().any(|start| line.starts_with(start))
}

/// The file that exports what the modules define, by module.
pub(super) fn init(exports: &BTreeMap<String, BTreeSet<String>>, options: &Options) -> String {
    let update = literal::comment(&format!("update: {}", options.update_command));
    let mut text = format!("# {HEADER}\n{update}\n");
    let mut modules: Vec<(&String, &BTreeSet<String>)> = exports.iter().collect();
    modules.sort_by_cached_key(|(module, _)| natural(module));
    for (module, names) in modules {
        let names = names.iter().map(String::as_str).collect();
        text.push_str(&from_import(&format!(".{module}"), &names));
    }
    let all: BTreeSet<&String> = exports.values().flatten().collect();
    let names = all.into_iter().map(|name| Expr::atom(literal::string(name))).collect();
    text.push('\n');
    text + &assignment(0, "__all__", (None, Some(&Expr::List(names))))
}
