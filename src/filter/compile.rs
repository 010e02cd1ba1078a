use jaq_core::load::{self, Arena, File, Loader};
use jaq_core::{Compiler, compile, data};
use jaq_json::Val;

use super::error::{FilterError, Place};

pub(super) type Program = jaq_core::Filter<data::JustLut<Val>>;

/// How much of the offending text an error repeats.
const FOUND_CHARS: usize = 20;

pub(super) fn compile(expression: &str) -> Result<Program, FilterError> {
    let definitions = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
    let functions = jaq_core::funs().chain(jaq_std::funs()).chain(jaq_json::funs());
    let arena = Arena::default();
    let file = File { code: expression, path: () };
    let modules = Loader::new(definitions)
        .load(&arena, file)
        .map_err(|errors| load_error(expression, errors))?;
    Compiler::default()
        .with_funs(functions)
        .compile(modules)
        .map_err(|errors| compile_error(expression, errors))
}

fn load_error(expression: &str, errors: load::Errors<&str, ()>) -> FilterError {
    let first = errors.into_iter().next().map(|(_, error)| error);
    match first {
        Some(load::Error::Lex(errors)) => match errors.into_iter().next() {
            Some((expected, found)) => {
                syntax(expression, found, format!("{} expected", lexeme(&expected)))
            }
            None => unknown(expression),
        },
        Some(load::Error::Parse(errors)) => match errors.into_iter().next() {
            Some((expected, found)) => {
                syntax(expression, found, format!("{} expected", expected.as_str()))
            }
            None => unknown(expression),
        },
        Some(load::Error::Io(errors)) => match errors.into_iter().next() {
            Some((found, problem)) => syntax(expression, found, problem),
            None => unknown(expression),
        },
        None => unknown(expression),
    }
}

fn compile_error(expression: &str, errors: compile::Errors<&str, ()>) -> FilterError {
    match errors.into_iter().flat_map(|(_, errors)| errors).next() {
        Some((found, compile::Undefined::Filter(arguments))) => {
            syntax(expression, found, format!("there is no function {found}/{arguments}"))
        }
        Some((found, undefined)) => {
            syntax(expression, found, format!("there is no such {}", undefined.as_str()))
        }
        None => unknown(expression),
    }
}

/// jaq's own names, save the one that it would panic for.
fn lexeme(expected: &load::lex::Expect<&str>) -> &'static str {
    match expected {
        load::lex::Expect::Delim(open) => match *open {
            "(" => "closing parenthesis",
            "[" => "closing bracket",
            "{" => "closing brace",
            _ => "closing quote",
        },
        other => other.as_str(),
    }
}

fn syntax(expression: &str, found: &str, problem: String) -> FilterError {
    let whole = expression.as_ptr() as usize;
    let offset = (found.as_ptr() as usize).wrapping_sub(whole);
    let place = match expression.get(..offset) {
        Some(before) if offset < expression.len() => Place::At {
            character: before.chars().count() + 1,
            found: found.chars().take(FOUND_CHARS).collect(),
        },
        _ => Place::End,
    };
    FilterError::Syntax { expression: expression.to_owned(), place, problem }
}

fn unknown(expression: &str) -> FilterError {
    syntax(expression, expression, "it is not a jq expression".to_owned())
}
