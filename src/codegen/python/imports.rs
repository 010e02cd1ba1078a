//! The imports of a module, sorted as `ruff check --select I` wants them.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

/// Gives out names and remembers where they come from.
///
/// A name that the module uses for something of its own is reached through its module:
/// `datetime.date` next to a field called `date`.
#[derive(Debug, Default)]
pub struct Imports {
    taken: BTreeSet<String>,
    names: RefCell<BTreeMap<&'static str, BTreeSet<&'static str>>>,
    modules: RefCell<BTreeSet<&'static str>>,
    /// Third-party imports that are written as they are, before the others.
    verbatim: String,
}

/// Modules of the standard library that generated code uses.
const STANDARD: &[&str] = &[
    "builtins",
    "dataclasses",
    "datetime",
    "decimal",
    "enum",
    "fractions",
    "ipaddress",
    "pathlib",
    "re",
    "typing",
    "uuid",
    "zoneinfo",
];

/// What generated code uses of the one module that has a member with its own name.
const DATETIME: &[&str] = &["date", "time", "timedelta"];

impl Imports {
    /// `taken` are the names that the module defines, its classes' attributes among them.
    pub fn new(taken: impl IntoIterator<Item = String>) -> Self {
        Self { taken: taken.into_iter().collect(), ..Self::default() }
    }

    /// How `name` of `module` is written here.
    pub fn name(&self, module: &'static str, name: &'static str) -> String {
        if !self.taken.contains(name) && !self.is_a_module_too(module, name) {
            if module != "builtins" {
                self.names.borrow_mut().entry(module).or_default().insert(name);
            }
            return name.to_owned();
        }
        self.modules.borrow_mut().insert(module);
        format!("{}.{name}", self.module_name(module))
    }

    /// Whether a name is its module's, and another name hides so that the module is imported whole.
    fn is_a_module_too(&self, module: &str, name: &str) -> bool {
        name == module && DATETIME.iter().any(|other| self.taken.contains(*other))
    }

    /// Imports names that no other import of the module may shadow.
    pub fn local(&mut self, module: &'static str, names: &[&'static str]) {
        self.names.borrow_mut().entry(module).or_default().extend(names);
    }

    pub fn verbatim(&mut self, text: &str) {
        self.verbatim.push_str(text);
    }

    fn module_name(&self, module: &str) -> String {
        let mut name = module.rsplit('.').next().unwrap_or(module).to_owned();
        while self.taken.contains(&name) {
            name.push('_');
        }
        name
    }

    /// The import block, without a final blank line; empty when nothing is imported.
    pub fn text(&self) -> String {
        let mut sections = [String::new(), String::new(), String::new()];
        sections[1].push_str(&self.verbatim);
        for module in self.modules.borrow().iter() {
            sections[section(module)].push_str(&self.whole_module(module));
        }
        for (module, names) in self.names.borrow().iter() {
            sections[section(module)].push_str(&from_import(module, names));
        }
        let sections: Vec<String> = sections.into_iter().filter(|text| !text.is_empty()).collect();
        sections.join("\n")
    }

    fn whole_module(&self, module: &str) -> String {
        let name = self.module_name(module);
        if let Some(local) = module.strip_prefix('.') {
            return if local == name {
                format!("from . import {local}\n")
            } else {
                format!("from . import {local} as {name}\n")
            };
        }
        if module == name {
            format!("import {module}\n")
        } else {
            format!("import {module} as {name}\n")
        }
    }
}

fn section(module: &str) -> usize {
    if module.starts_with('.') { 2 } else { usize::from(!STANDARD.contains(&module)) }
}

/// `from module import a, b`, over several lines where it is long.
pub fn from_import(module: &str, names: &BTreeSet<&str>) -> String {
    let mut names: Vec<&str> = names.iter().copied().collect();
    names.sort_by_cached_key(|name| (rank(name), natural(name)));
    // Newer versions of Python have some of them in `typing`; 3.10 has not.
    let is_newer = |name: &&str| matches!(*name, "NotRequired" | "Unpack");
    let is_backport = module == "typing_extensions" && names.iter().any(is_newer);
    let note = if is_backport { "  # noqa: UP035" } else { "" };
    let line = format!("from {module} import {}", names.join(", "));
    if line.len() <= super::layout::WIDTH {
        return format!("{line}{note}\n");
    }
    format!("from {module} import (\n    {},\n)\n", names.join(",\n    "))
}

/// Constants, then classes, then the rest.
fn rank(name: &str) -> u8 {
    let has_lower = name.chars().any(char::is_lowercase);
    if name.len() > 1 && !has_lower {
        0
    } else if name.starts_with(char::is_uppercase) {
        1
    } else {
        2
    }
}

/// A key that sorts numbers inside of names by their value: `v2` before `v10`.
pub fn natural(name: &str) -> Vec<(char, u64)> {
    let mut key = Vec::new();
    let mut rest = name;
    while let Some(c) = rest.chars().next() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if digits > 0 {
            key.push(('0', rest[..digits].parse().unwrap_or(u64::MAX)));
            rest = &rest[digits..];
        } else {
            key.push((c, 0));
            rest = &rest[c.len_utf8()..];
        }
    }
    key
}
