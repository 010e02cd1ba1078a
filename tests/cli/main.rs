//! The command line as a user sees it: one binary, a sealed environment, whole outputs.

#![expect(clippy::unwrap_used, reason = "a step that fails should stop its test right there")]

mod bindings;
mod broken_pipe;
mod ci_examples;
mod config_files;
mod config_settings;
mod exit_codes;
mod generators;
mod help;
mod logs;
mod operations;
mod publish_call;
mod replay;
mod schema_diff;
mod schema_edit;
mod schema_events;
mod schema_lint;
mod schema_register;
mod sealed;
mod secrets;
mod tail;
mod terminal;
mod usage_errors;
