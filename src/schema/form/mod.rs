//! Asking a person for an event, field by field.
//!
//! Which questions there are and what an answer means is decided here; how they are put is up to
//! the [`Respondent`].

mod answer;
mod wording;

use serde_json::{Map, Value};

use self::answer::Field;
use super::resolve::{both, resolved};

/// Objects and lists inside of one another; deeper ones are asked for as JSON.
const MAX_DEPTH: usize = 32;

/// One question about one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldQuestion {
    /// The field, as `lines[0].qty`.
    pub path: String,
    /// What an answer looks like, such as `whole number, at least 1`.
    pub kind: String,
    /// What the schema says the field is for.
    pub description: Option<String>,
    /// What an empty answer means, as one would type it; `None` where it leaves the field out, or
    /// where there has to be an answer.
    pub preset: Option<String>,
    pub need: Need,
}

/// Whether an event is complete without the field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    Required,
    Optional,
}

/// Who answers.
pub trait Respondent {
    type Error;

    /// A line of text that `check` accepts; it answers with what is wrong.
    fn line(
        &mut self,
        question: &FieldQuestion,
        check: &dyn Fn(&str) -> Result<(), String>,
    ) -> Result<String, Self::Error>;

    /// The index of one of some options.
    fn choice(
        &mut self,
        question: &FieldQuestion,
        options: &[String],
        preset: usize,
    ) -> Result<usize, Self::Error>;

    fn is_yes(&mut self, question: &FieldQuestion) -> Result<bool, Self::Error>;
}

/// Asks for everything that a schema describes.
///
/// # Errors
/// Only those of the respondent. The fields fit their schemas one by one; the whole event is for
/// the caller to check.
pub fn fill<R: Respondent>(schema: &Value, respondent: &mut R) -> Result<Value, R::Error> {
    let mut form = Form { root: schema, respondent, depth: 0 };
    let event = form.ask(schema, &Spot { path: String::new(), need: Need::Required })?;
    Ok(event.unwrap_or_else(|| Value::Object(Map::new())))
}

/// Where a value goes.
#[derive(Debug, Clone)]
struct Spot {
    path: String,
    need: Need,
}

impl Spot {
    fn member(&self, name: &str, need: Need) -> Self {
        let path = match self.path.is_empty() {
            true => name.to_owned(),
            false => format!("{}.{name}", self.path),
        };
        Self { path, need }
    }

    fn item(&self, index: usize, need: Need) -> Self {
        Self { path: format!("{}[{index}]", self.path), need }
    }
}

struct Form<'f, R> {
    root: &'f Value,
    respondent: &'f mut R,
    depth: usize,
}

/// What leaves a field out, in a list of choices.
const LEAVE_OUT: &str = "(leave it out)";

type Answered<R> = Result<Option<Value>, <R as Respondent>::Error>;

impl<R: Respondent> Form<'_, R> {
    /// A value for a node; `None` where it is left out.
    fn ask(&mut self, node: &Value, spot: &Spot) -> Answered<R> {
        let root = self.root;
        match resolved(root, node) {
            Ok(node) if self.depth < MAX_DEPTH => {
                self.depth += 1;
                let answer = self.ask_resolved(&node, spot);
                self.depth -= 1;
                answer
            }
            Ok(_) | Err(_) => self.line(&Map::new(), spot),
        }
    }

    fn ask_resolved(&mut self, node: &Map<String, Value>, spot: &Spot) -> Answered<R> {
        if let Some(only) = node.get("const") {
            return Ok(Some(only.clone()));
        }
        if let Some(Value::Array(values)) = node.get("enum") {
            return self.one_of(node, values, spot);
        }
        for keyword in ["anyOf", "oneOf"] {
            if let Some(Value::Array(branches)) = node.get(keyword) {
                return self.branch(node, (keyword, branches), spot);
            }
        }
        match node.get("type").and_then(Value::as_str) {
            Some("null") => Ok(Some(Value::Null)),
            Some("boolean") => self.yes_or_no(node, spot),
            Some("object") if node.contains_key("properties") => self.object(node, spot),
            Some("object") => self.dictionary(node, spot),
            Some("array") if node.get("items").is_some_and(Value::is_object) => {
                self.list(node, spot)
            }
            Some(_) | None => self.line(node, spot),
        }
    }

    fn one_of(&mut self, node: &Map<String, Value>, values: &[Value], spot: &Spot) -> Answered<R> {
        let mut options: Vec<String> = values.iter().map(wording::shown).collect();
        let preset = values.iter().position(|value| Some(value) == node.get("default"));
        if spot.need == Need::Optional {
            options.push(LEAVE_OUT.to_owned());
        }
        let preset = preset.unwrap_or(match spot.need {
            Need::Required => 0,
            Need::Optional => values.len(),
        });
        let question = wording::question(node, spot, "one of these");
        let chosen = self.respondent.choice(&question, &options, preset)?;
        Ok(values.get(chosen).cloned())
    }

    /// Null among the branches means that an empty answer is one; other branches are a choice.
    fn branch(
        &mut self,
        node: &Map<String, Value>,
        (keyword, branches): (&str, &[Value]),
        spot: &Spot,
    ) -> Answered<R> {
        let is_null =
            |branch: &&Value| branch.get("type").is_some_and(|name| name.as_str() == Some("null"));
        let told: Vec<&Value> = branches.iter().filter(|branch| !is_null(branch)).collect();
        let is_nullable = told.len() < branches.len();
        let mut rest = node.clone();
        rest.remove(keyword);
        let chosen = match told.as_slice() {
            [] => return Ok(Some(Value::Null)),
            [only] => only,
            several => {
                let mut options: Vec<String> =
                    several.iter().map(|b| wording::name_of(b)).collect();
                if is_nullable || spot.need == Need::Optional {
                    options.push(LEAVE_OUT.to_owned());
                }
                let question = wording::question(node, spot, "one of these kinds");
                match several.get(self.respondent.choice(&question, &options, 0)?) {
                    Some(branch) => {
                        let spot = Spot { need: Need::Required, ..spot.clone() };
                        return self.ask_branch(&rest, branch, &spot);
                    }
                    None => return Ok(missing(spot)),
                }
            }
        };
        if !is_nullable {
            return self.ask_branch(&rest, chosen, spot);
        }
        let optional = Spot { need: Need::Optional, ..spot.clone() };
        let answer = self.ask_branch(&rest, chosen, &optional)?;
        Ok(answer.or_else(|| missing(spot)))
    }

    fn ask_branch(
        &mut self,
        rest: &Map<String, Value>,
        branch: &Value,
        spot: &Spot,
    ) -> Answered<R> {
        let root = self.root;
        match resolved(root, branch) {
            Ok(branch) => {
                let mut node = both(rest, &branch);
                // The title and the description of the field say more than those of its type.
                for keyword in ["title", "description"] {
                    if let Some(text) = rest.get(keyword) {
                        node.insert(keyword.to_owned(), text.clone());
                    }
                }
                self.ask_resolved(&node, spot)
            }
            Err(_) => self.line(rest, spot),
        }
    }

    fn yes_or_no(&mut self, node: &Map<String, Value>, spot: &Spot) -> Answered<R> {
        let question = wording::question(node, spot, "yes or no");
        if spot.need == Need::Required {
            return Ok(Some(Value::Bool(self.respondent.is_yes(&question)?)));
        }
        let options = ["yes", "no", LEAVE_OUT].map(str::to_owned);
        let preset = match node.get("default") {
            Some(Value::Bool(true)) => 0,
            Some(Value::Bool(false)) => 1,
            Some(_) | None => 2,
        };
        Ok(match self.respondent.choice(&question, &options, preset)? {
            0 => Some(Value::Bool(true)),
            1 => Some(Value::Bool(false)),
            _ => None,
        })
    }

    /// Everything that is declared; an object that need not be there is offered first.
    fn object(&mut self, node: &Map<String, Value>, spot: &Spot) -> Answered<R> {
        if spot.need == Need::Optional && !self.respondent.is_yes(&wording::offer(node, spot))? {
            return Ok(None);
        }
        let required: Vec<&str> = wording::strings(node.get("required")).collect();
        let mut object = Map::new();
        for (name, schema) in
            node.get("properties").and_then(Value::as_object).into_iter().flatten()
        {
            let is_required = required.contains(&name.as_str());
            let need = if is_required { Need::Required } else { Need::Optional };
            if let Some(value) = self.ask(schema, &spot.member(name, need))? {
                object.insert(name.clone(), value);
            }
        }
        Ok(Some(Value::Object(object)))
    }

    /// Names and values, until a name is empty.
    fn dictionary(&mut self, node: &Map<String, Value>, spot: &Spot) -> Answered<R> {
        let any = Value::Object(Map::new());
        let schema = node.get("additionalProperties").filter(|schema| schema.is_object());
        let mut object = Map::new();
        loop {
            let name = self.respondent.line(&wording::next_name(spot), &|_| Ok(()))?;
            if name.is_empty() {
                break;
            }
            let inner = spot.member(&name, Need::Required);
            if let Some(value) = self.ask(schema.unwrap_or(&any), &inner)? {
                object.insert(name, value);
            }
        }
        let is_left_out = object.is_empty() && spot.need == Need::Optional;
        Ok((!is_left_out).then_some(Value::Object(object)))
    }

    /// Item by item. Items below the least number have to be there; the first that is left out
    /// ends the list.
    fn list(&mut self, node: &Map<String, Value>, spot: &Spot) -> Answered<R> {
        let count = |keyword: &str| node.get(keyword).and_then(Value::as_u64);
        let least = count("minItems").unwrap_or_default();
        let most = count("maxItems").unwrap_or(u64::MAX);
        let mut items = Vec::new();
        if let Some(schema) = node.get("items") {
            while (items.len() as u64) < most {
                let is_needed = spot.need == Need::Required && (items.len() as u64) < least;
                let need = if is_needed { Need::Required } else { Need::Optional };
                match self.ask(schema, &spot.item(items.len(), need))? {
                    Some(item) => items.push(item),
                    None => break,
                }
            }
        }
        let is_left_out = items.is_empty() && spot.need == Need::Optional;
        Ok((!is_left_out).then_some(Value::Array(items)))
    }

    /// A text, a number, or JSON where the schema does not say what.
    fn line(&mut self, node: &Map<String, Value>, spot: &Spot) -> Answered<R> {
        let field = Field::of(self.root, node, spot.need);
        let question = wording::question(node, spot, &wording::kind_of(node));
        let text = self.respondent.line(&question, &|text| field.read(text).map(drop))?;
        // The respondent has checked it.
        Ok(field.read(&text).unwrap_or_default())
    }
}

/// What stands for no answer where null is one.
fn missing(spot: &Spot) -> Option<Value> {
    match spot.need {
        Need::Required => Some(Value::Null),
        Need::Optional => None,
    }
}

#[cfg(test)]
mod tests;
