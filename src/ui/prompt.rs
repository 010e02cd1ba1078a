//! Questions to a person. Without a person there is no answer, and nothing waits for one.

use std::io::{self, IsTerminal, Write};

use dialoguer::theme::{ColorfulTheme, SimpleTheme, Theme};
use dialoguer::{Confirm, Input, Select};
use thiserror::Error;

use super::json_view::push_pretty;
use super::report::Style;
use super::screen::Ui;

/// Why a question has no answer.
#[derive(Debug, Error)]
pub enum PromptError {
    /// Nobody is there to ask. `instead` is what answers on the command line, for example `--yes`.
    #[error("cannot ask {question:?} without a terminal")]
    NoTerminal { question: String, instead: &'static str },
    #[error("cannot read the answer to {question:?}")]
    Unreadable { question: String, source: io::Error },
}

/// One question.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    pub text: &'a str,
    /// What to write on the command line instead of answering.
    pub instead: &'static str,
}

impl Question<'_> {
    fn unreadable(&self, error: dialoguer::Error) -> PromptError {
        let dialoguer::Error::IO(source) = error;
        PromptError::Unreadable { question: self.text.to_owned(), source }
    }

    fn need_terminal(&self) -> Result<(), PromptError> {
        // Questions appear on stderr and are answered on stdin.
        if io::stdin().is_terminal() && io::stderr().is_terminal() {
            return Ok(());
        }
        Err(PromptError::NoTerminal { question: self.text.to_owned(), instead: self.instead })
    }
}

impl Ui {
    /// Asks yes or no; no is what a bare Enter means.
    pub fn confirm(&self, question: Question<'_>) -> Result<bool, PromptError> {
        question.need_terminal()?;
        Confirm::with_theme(self.theme().as_ref())
            .with_prompt(question.text)
            .default(false)
            .interact()
            .map_err(|error| question.unreadable(error))
    }

    /// Asks for a line of text until `check` accepts it; `check` answers with what is wrong. Enter
    /// alone takes the default, where there is one.
    pub fn ask(
        &self,
        question: Question<'_>,
        default: &str,
        check: impl Fn(&str) -> Result<(), String>,
    ) -> Result<String, PromptError> {
        question.need_terminal()?;
        let theme = self.theme();
        let mut input = Input::<String>::with_theme(theme.as_ref())
            .with_prompt(question.text)
            .allow_empty(true)
            .validate_with(|text: &String| check(text));
        if !default.is_empty() {
            input = input.default(default.to_owned());
        }
        input.interact_text().map_err(|error| question.unreadable(error))
    }

    /// Asks for one of some options; answers with its index. Enter alone takes the preset.
    pub fn choose(
        &self,
        question: Question<'_>,
        options: &[String],
        preset: usize,
    ) -> Result<usize, PromptError> {
        question.need_terminal()?;
        Select::with_theme(self.theme().as_ref())
            .with_prompt(question.text)
            .items(options)
            .default(preset)
            .interact()
            .map_err(|error| question.unreadable(error))
    }

    /// Shows a JSON text on stderr, before a question about it.
    pub fn preview(&self, json: &str) {
        let mut text = String::new();
        push_pretty(&mut text, json, 2, &Style::new(self.is_talk_colored()));
        // If stderr is gone there is nobody left to ask either.
        let _ = io::stderr().lock().write_all(text.as_bytes());
    }

    fn theme(&self) -> Box<dyn Theme> {
        if self.is_talk_colored() {
            Box::new(ColorfulTheme::default())
        } else {
            Box::new(SimpleTheme)
        }
    }
}
