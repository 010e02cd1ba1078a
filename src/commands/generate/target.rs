//! What can be generated: what each target is called, where its files go, who writes them.

use std::path::{Path, PathBuf};

use super::stubs::Style;
use crate::codegen::python::Package;
use crate::codegen::{
    GeneratedFile, Options, Output, asyncapi, docs, jsonschema, python, typescript,
};
use crate::commands::error::{CommandError, ExitKind};
use crate::parallel;
use crate::schema::SchemaDocument;

/// Modules that a thread writes at once: for a few it is not worth another thread.
const MODULES_AT_ONCE: usize = 16;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    Stubs(Style),
    JsonSchema,
    TypeScript,
    AsyncApi,
    Docs,
}

/// A folder for generated files, and which of those in it may be ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    pub path: PathBuf,
    /// Where below it files are, itself included.
    pub places: &'static [&'static str],
    /// What the names of files that may be stale end in.
    pub endings: &'static [&'static str],
}

impl Target {
    /// The subcommand.
    fn name(self) -> &'static str {
        match self {
            Self::Stubs(_) => "stubs",
            Self::JsonSchema => "jsonschema",
            Self::TypeScript => "typescript",
            Self::AsyncApi => "asyncapi",
            Self::Docs => "docs",
        }
    }

    /// The command line that generates it from a selection, which is given in words.
    pub fn command(self, selection: &str) -> String {
        let style = match self {
            Self::Stubs(style) => style.words(),
            Self::JsonSchema | Self::TypeScript | Self::AsyncApi | Self::Docs => "",
        };
        format!("celerysalt generate {}{selection}{style}", self.name())
    }

    /// Where the files go unless told otherwise: a folder, or a file where there is one only.
    fn default_out(self) -> &'static str {
        match self {
            Self::Stubs(_) => "celerysalt_types",
            Self::JsonSchema => "celerysalt.schema.json",
            Self::TypeScript => "events-ts",
            Self::AsyncApi => "asyncapi.json",
            Self::Docs => "event-docs",
        }
    }

    fn is_one_file(self) -> bool {
        match self {
            Self::JsonSchema | Self::AsyncApi => true,
            Self::Stubs(_) | Self::TypeScript | Self::Docs => false,
        }
    }

    /// # Errors
    /// A folder where a file is to be written, or a file where a folder is.
    pub fn check_out(self, out: Option<&Path>) -> Result<(), CommandError> {
        let out = out.unwrap_or(Path::new(self.default_out()));
        let (what, hint) = match self.is_one_file() {
            true if out.is_dir() => {
                let file = out.join(self.default_out());
                ("is a folder", format!("name the file: --out {}", file.display()))
            }
            false if out.is_file() => ("is a file", "name a folder with --out".to_owned()),
            true | false => return Ok(()),
        };
        let message = format!("{} {what}", out.display());
        Err(CommandError::new(ExitKind::Config, message).hint(hint))
    }

    /// The folder of the files, and their names in it.
    pub fn place(self, out: Option<&Path>, files: &mut [GeneratedFile]) -> Folder {
        let out = out.unwrap_or(Path::new(self.default_out()));
        let (places, endings): (&[&str], &[&str]) = match self {
            Self::Stubs(_) => (&[""], &[".py", ".pyi"]),
            Self::TypeScript => (&[""], &[".ts"]),
            Self::Docs => (&["", "topics"], &[".md", ".html"]),
            Self::JsonSchema | Self::AsyncApi => {
                for file in files {
                    file.path = out.file_name().unwrap_or_default().to_string_lossy().into_owned();
                }
                let path = out.parent().unwrap_or(Path::new("")).to_owned();
                return Folder { path, places: &[], endings: &[] };
            }
        };
        Folder { path: out.to_owned(), places, endings }
    }

    pub fn write(self, documents: &[SchemaDocument], options: &Options) -> Output {
        match self {
            Self::Stubs(style) => {
                let package = Package::new(documents, style.writer(), options);
                let modules =
                    parallel::map(documents.len(), MODULES_AT_ONCE, |place| package.module(place));
                package.finish(modules)
            }
            Self::JsonSchema => {
                let text = jsonschema::bundle(documents, &options.update_command);
                let path = self.default_out().to_owned();
                Output { files: vec![GeneratedFile { path, text }], ..Output::default() }
            }
            Self::TypeScript => typescript::files(documents, options),
            Self::AsyncApi => asyncapi::files(documents, options),
            Self::Docs => docs::files(documents, options),
        }
    }

    /// What is printed of one topic; `None` where its documents take several files.
    pub fn write_alone(self, documents: &[SchemaDocument], options: &Options) -> Option<Output> {
        match (self, documents) {
            (Self::Stubs(style), [document]) => {
                Some(python::single(document, style.writer(), options))
            }
            (Self::JsonSchema, [document]) => {
                let text = jsonschema::single(document, &options.update_command);
                let path = self.default_out().to_owned();
                let files = vec![GeneratedFile { path, text }];
                Some(Output { files, ..Output::default() })
            }
            (Self::Stubs(_) | Self::JsonSchema, _) => None,
            (Self::TypeScript | Self::AsyncApi | Self::Docs, _) => {
                let mut output = self.write(documents, options);
                output.files.retain(|file| self.is_of_a_topic(&file.path));
                Some(output)
            }
        }
    }

    /// Whether a file is about a topic, and not about all of them.
    fn is_of_a_topic(self, path: &str) -> bool {
        match self {
            Self::TypeScript => path != "index.ts",
            Self::Docs => path.starts_with("topics/"),
            Self::Stubs(_) | Self::JsonSchema | Self::AsyncApi => true,
        }
    }
}
