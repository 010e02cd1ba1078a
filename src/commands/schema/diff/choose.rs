//! Which two sides are compared when one or both are not named.

use std::path::PathBuf;

use super::side::{Side, directory_of, working_path};
use crate::commands::context::Context;
use crate::commands::error::{CommandError, ExitKind};
use crate::extract::{self, GitSource, Source};
use crate::schema::judge::Scope;

/// Where schemas are kept when the registry is no directory.
const DEFAULT_DIRECTORY: &str = "schemas";

pub struct Chosen {
    pub from: Side,
    pub to: Side,
    pub scope: Scope,
    /// Where a revision has its schemas, unless it says so itself.
    pub directory: PathBuf,
}

/// | FROM | TO | setting `source` | compared |
/// |---|---|---|---|
/// | given | given | any | FROM, TO |
/// | given | - | set | FROM, the source |
/// | given | - | not set | FROM, the registry |
/// | - | - | set | the registry, the source |
/// | - | - | not set, or the registry's directory | its directory in the last commit, and now |
pub async fn sides(
    (from, to): (Option<Side>, Option<Side>),
    context: &Context,
) -> Result<Chosen, CommandError> {
    let url = context.registry_url()?;
    let kept = directory_of(url.expose()).map(PathBuf::from);
    let directory = kept.clone().unwrap_or_else(|| DEFAULT_DIRECTORY.into());
    let is_kept = |side: &Side| match side {
        Side::Registry(other) => other.expose() == url.expose(),
        Side::Source(Source::Path(path)) => {
            kept.as_ref().is_some_and(|kept| working_path(kept) == working_path(path))
        }
        Side::Git(_) | Side::Source(Source::Python(_)) => false,
    };
    let to = match to {
        Some(to) => to,
        None => own_schemas(context)?.unwrap_or_else(|| Side::Registry(url.clone())),
    };
    let from = match from {
        Some(from) => from,
        None if !is_kept(&to) => Side::Registry(url.clone()),
        None if kept.is_some() && extract::is_in_git_tree().await => {
            let shown = working_path(&directory);
            Side::Git(GitSource { revision: "HEAD".to_owned(), directory: Some(shown) })
        }
        None => return Err(nothing_to_compare(&to)),
    };
    let scope = scope(&from, &to);
    Ok(Chosen { from, to, scope, directory })
}

fn own_schemas(context: &Context) -> Result<Option<Side>, CommandError> {
    let Some(setting) = &context.settings.source else { return Ok(None) };
    match setting.value.parse() {
        // Files are named as they would be typed: reports may go to another machine.
        Ok(Source::Path(path)) => Ok(Some(Side::Source(Source::Path(working_path(&path))))),
        Ok(source @ Source::Python(_)) => Ok(Some(Side::Source(source))),
        Err(error) => {
            let message = format!("`source` of {} is not a source of schemas", setting.origin);
            let mut failure = CommandError::new(ExitKind::Config, message);
            failure.causes.push(format!("{error}"));
            Err(failure.hint("write python:MODULE[,MODULE…] or a directory of JSON files"))
        }
    }
}

fn nothing_to_compare(to: &Side) -> CommandError {
    CommandError::new(ExitKind::Usage, format!("there is nothing to compare {to} with"))
        .hint("name the two sides: `celerysalt schema diff FROM TO`")
        .hint(
            "or say where the project's schemas are: `source` in celerysalt.toml or \
             CELERYSALT_SOURCE",
        )
}

/// Modules are one project's part of the events, and show the versions of today only; so do the
/// files of a project beside a registry, which keeps all versions of all projects.
fn scope(from: &Side, to: &Side) -> Scope {
    match (from, to) {
        (_, Side::Source(Source::Python(_)))
        | (Side::Registry(_), Side::Source(Source::Path(_))) => Scope::Part,
        (Side::Git(_) | Side::Source(_), Side::Source(Source::Path(_)))
        | (_, Side::Git(_) | Side::Registry(_)) => Scope::Whole,
    }
}
