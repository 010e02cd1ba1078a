//! `index.ts`: the payloads by topic and version.

use super::literal::{member_name, quoted};
use super::module::{Module, index_comment, index_header};
use crate::codegen::target::Options;
use crate::schema::{Mode, SchemaPart};

/// `modules` are sorted by topic and version.
pub(super) fn index(modules: &[Module<'_>], options: &Options) -> String {
    let mut out = index_header(options);
    if modules.is_empty() {
        out.push_str("\nexport interface TopicVersions {}\n\nexport interface Topics {}\n");
        out.push_str("\nexport type Topic = keyof Topics;\n");
        return out;
    }
    out.push('\n');
    for keyword in ["import", "export"] {
        for module in modules {
            out.push_str(&import(keyword, module));
        }
        out.push('\n');
    }
    out.push_str(&versions(modules));
    out.push_str(&latest(modules));
    out.push_str("\n/** A topic. */\nexport type Topic = keyof Topics;\n");
    out
}

/// On one line where it is no longer than 80 characters.
fn import(keyword: &str, module: &Module<'_>) -> String {
    let from = quoted(&format!("./{}.js", module.stem));
    let line = format!("{keyword} type {{ {} }} from {from};\n", module.roots.join(", "));
    if line.chars().count() <= 81 {
        return line;
    }
    let names: String = module.roots.iter().map(|name| format!("  {name},\n")).collect();
    format!("{keyword} type {{\n{names}}} from {from};\n")
}

fn by_topic<'m, 'd>(modules: &'m [Module<'d>]) -> impl Iterator<Item = &'m [Module<'d>]> {
    modules.chunk_by(|a, b| a.document.topic == b.document.topic)
}

fn versions(modules: &[Module<'_>]) -> String {
    let mut out = "/** What each version of each topic carries. */\n".to_owned();
    out.push_str("export interface TopicVersions {\n");
    for versions in by_topic(modules) {
        out.push_str(&format!("  {}: {{\n", quoted(versions[0].document.topic.as_str())));
        for module in versions {
            out.push_str(&index_comment(module.document, 2));
            out.push_str(&entry(module));
        }
        out.push_str("  };\n");
    }
    out.push_str("}\n");
    out
}

fn entry(module: &Module<'_>) -> String {
    let answer = match module.document.mode {
        Mode::Broadcast => "never",
        Mode::Rpc => "unknown",
    };
    let ty = |kind| module.root(kind).unwrap_or(answer);
    format!(
        "    {}: {{\n      mode: \"{}\";\n      request: {};\n      response: {};\n      \
         error: {};\n    }};\n",
        member_name(module.document.version.as_str()),
        module.document.mode,
        ty(SchemaPart::Request),
        ty(SchemaPart::Response),
        ty(SchemaPart::Error),
    )
}

fn latest(modules: &[Module<'_>]) -> String {
    let mut out = "\n/** What the latest version of each topic carries. */\n".to_owned();
    out.push_str("export interface Topics {\n");
    for versions in by_topic(modules) {
        let Some(module) = versions.last() else { continue };
        let topic = quoted(module.document.topic.as_str());
        let version = quoted(module.document.version.as_str());
        out.push_str(&index_comment(module.document, 1));
        out.push_str(&format!("  {topic}: TopicVersions[{topic}][{version}];\n"));
    }
    out.push_str("}\n");
    out
}
