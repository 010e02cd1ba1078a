use std::borrow::Cow;

use serde_json::{Map, Value};

use super::Obstacle;
use super::dice::Dice;
use super::height::Heights;
use super::number::{self, Whole};
use super::text;
use super::{array, object, wishes};
use crate::schema::resolve::{Unresolved, both, resolved};
use crate::schema::validate::EventValidator;

/// Values in one event; schemas that branch without end stay small this way.
const MAX_VALUES: u32 = 20_000;
/// Objects and arrays inside of one another before a sample looks for the way out.
const RICH_DEPTH: usize = 5;
const MAX_DEPTH: usize = 60;

/// How much a sample holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// Optional fields, examples, several items.
    Rich,
    /// As little as the schema allows.
    Plain,
}

/// One attempt at one sample.
pub(super) struct Maker<'s> {
    root: &'s Value,
    heights: &'s Heights,
    manner: Manner,
    pub dice: Dice,
    path: Vec<String>,
    values: u32,
}

type Made = Result<Value, Obstacle>;

impl<'s> Maker<'s> {
    pub fn new((root, heights): (&'s Value, &'s Heights), manner: Manner, dice: Dice) -> Self {
        Self { root, heights, manner, dice, path: Vec::new(), values: 0 }
    }

    pub fn event(&mut self) -> Made {
        let root = self.root;
        self.value(root, "")
    }

    /// Whether there is room for what need not be there.
    pub fn is_rich(&self) -> bool {
        self.manner == Manner::Rich && self.path.len() < RICH_DEPTH
    }

    pub fn obstacle(&self, keyword: &'static str, reason: &'static str) -> Obstacle {
        let mut place = String::new();
        for step in &self.path {
            if !place.is_empty() && !step.starts_with('[') {
                place.push('.');
            }
            place.push_str(step);
        }
        Obstacle { keyword, place, reason }
    }

    /// A value one level down; `step` is how a path names it.
    pub fn inner(&mut self, step: String, (node, name): (&Value, &str)) -> Made {
        if self.path.len() >= MAX_DEPTH {
            return Err(self.obstacle("$ref", "it describes values without an end"));
        }
        self.path.push(step);
        let made = self.value(node, name);
        self.path.pop();
        made
    }

    /// A value for a node; `name` is that of the field it is for.
    pub fn value(&mut self, node: &Value, name: &str) -> Made {
        self.values += 1;
        if self.values > MAX_VALUES {
            return Err(self.obstacle("required", "the events are too large"));
        }
        let root = self.root;
        let node = resolved(root, node).map_err(|reason| self.unresolved(reason))?;
        self.resolved_value(&node, name)
    }

    fn resolved_value(&mut self, node: &Map<String, Value>, name: &str) -> Made {
        if let Some(only) = node.get("const") {
            return Ok(only.clone());
        }
        if let Some(Value::Array(values)) = node.get("enum") {
            return self.one_of(values);
        }
        if let Some(value) = self.given(node) {
            return Ok(value);
        }
        for keyword in ["anyOf", "oneOf"] {
            if let Some(Value::Array(branches)) = node.get(keyword) {
                return self.branch(node, (keyword, branches), name);
            }
        }
        match self.type_of(node) {
            "null" => Ok(Value::Null),
            "boolean" => Ok(Value::Bool(self.dice.is_lucky(50))),
            "integer" => self.number(node, Whole::Yes, name),
            "number" => self.number(node, Whole::No, name),
            "object" => object::make(self, node, name),
            "array" => array::make(self, node, name),
            _ => text::make(self, node, name).map(Value::String),
        }
    }

    fn one_of(&mut self, values: &[Value]) -> Made {
        let told: Vec<&Value> = values.iter().filter(|value| !value.is_null()).collect();
        match (self.dice.pick(&told), values.first()) {
            (Some(value), _) => Ok((*value).clone()),
            (None, Some(null)) => Ok(null.clone()),
            (None, None) => Err(self.obstacle("enum", "it lists nothing")),
        }
    }

    /// An example of the schema, or its default, now and then.
    fn given(&mut self, node: &Map<String, Value>) -> Option<Value> {
        let examples = node.get("examples").and_then(Value::as_array);
        let mut given = Vec::new();
        if let Some(examples) = examples
            && self.dice.is_lucky(60)
        {
            given.extend(self.dice.pick(examples).cloned());
        }
        if let Some(default) = node.get("default")
            && !default.is_null()
            && self.dice.is_lucky(30)
        {
            given.push(default.clone());
        }
        given.into_iter().find(|value| self.fits(node, value))
    }

    /// Whether a value fits a node, of which the references lead into the document.
    pub fn fits(&self, node: &Map<String, Value>, value: &Value) -> bool {
        let mut schema = node.clone();
        if let Some(definitions) = self.root.get("$defs") {
            schema.insert("$defs".to_owned(), definitions.clone());
        }
        EventValidator::compile(&Value::Object(schema))
            .is_ok_and(|validator| validator.is_valid(value))
    }

    /// The first branch that gives a value, in an order that is up to the dice, or by height where
    /// there is no room.
    fn branch(
        &mut self,
        node: &Map<String, Value>,
        (keyword, branches): (&'static str, &[Value]),
        name: &str,
    ) -> Made {
        let mut rest = node.clone();
        rest.remove(keyword);
        let mut order: Vec<&Value> =
            branches.iter().filter(|branch| self.heights.of_node(branch).is_some()).collect();
        self.dice.shuffle(&mut order);
        if self.is_rich() {
            let seldom_null = self.dice.is_lucky(85);
            order.sort_by_key(|branch| is_null(branch) == seldom_null);
        } else {
            order.sort_by_key(|branch| self.heights.of_node(branch));
        }
        let mut obstacle = None;
        for branch in order {
            match self.merged(&rest, branch).and_then(|node| self.resolved_value(&node, name)) {
                Ok(value) => return Ok(value),
                Err(found) => {
                    obstacle.get_or_insert(found);
                }
            }
        }
        Err(obstacle.unwrap_or_else(|| self.obstacle(keyword, "none of its schemas has an end")))
    }

    fn merged(
        &self,
        rest: &Map<String, Value>,
        branch: &Value,
    ) -> Result<Map<String, Value>, Obstacle> {
        let branch = resolved(self.root, branch).map_err(|reason| self.unresolved(reason))?;
        Ok(both(rest, &branch))
    }

    fn unresolved(&self, reason: Unresolved) -> Obstacle {
        match reason {
            Unresolved::Never => self.obstacle("false", "nothing is allowed here"),
            Unresolved::Reference => self.obstacle("$ref", "it leads nowhere"),
        }
    }

    fn type_of(&mut self, node: &Map<String, Value>) -> &'static str {
        const TYPES: [&str; 7] =
            ["object", "array", "string", "integer", "number", "boolean", "null"];
        let known = |name: &str| TYPES.into_iter().find(|known| *known == name);
        match node.get("type") {
            Some(Value::String(name)) => known(name).unwrap_or("string"),
            Some(Value::Array(names)) => {
                let mut names: Vec<&'static str> =
                    names.iter().filter_map(Value::as_str).filter_map(known).collect();
                names.sort_by_key(|name| *name == "null");
                let told = names.iter().filter(|name| **name != "null").count().max(1);
                let wants_null = names.last() == Some(&"null") && self.dice.is_lucky(15);
                match wants_null {
                    true => "null",
                    false => names.get(self.dice.index(told)).copied().unwrap_or("null"),
                }
            }
            Some(_) | None => implied_type(node).unwrap_or_else(|| self.any_type()),
        }
    }

    /// Mostly text, where anything goes.
    fn any_type(&mut self) -> &'static str {
        match self.dice.below(10) {
            0 => "integer",
            1 => "boolean",
            2 => "object",
            _ => "string",
        }
    }

    fn number(&mut self, node: &Map<String, Value>, whole: Whole, name: &str) -> Made {
        let wish = wishes::range_of(name);
        match number::make(node, (whole, wish), &mut self.dice) {
            Ok(number) => Ok(Value::Number(number)),
            Err(keyword) => Err(self.obstacle(keyword, "no number lies there")),
        }
    }
}

fn is_null(node: &Value) -> bool {
    node.get("type").is_some_and(|name| name == "null")
        || node.get("const").is_some_and(Value::is_null)
}

/// The type that keywords without a `type` speak about.
fn implied_type(node: &Map<String, Value>) -> Option<&'static str> {
    const KEYWORDS: [(&str, &[&str]); 4] = [
        (
            "object",
            &["properties", "required", "additionalProperties", "minProperties", "propertyNames"],
        ),
        ("array", &["items", "prefixItems", "minItems", "uniqueItems", "contains"]),
        ("number", &["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"]),
        ("string", &["pattern", "format", "minLength", "maxLength"]),
    ];
    let implied = KEYWORDS.iter().find(|(_, names)| names.iter().any(|n| node.contains_key(*n)));
    implied.map(|(name, _)| *name)
}

/// The name of one of many: `tags` is a list of `tag`.
pub(super) fn singular(name: &str) -> Cow<'_, str> {
    if let Some(stem) = name.strip_suffix("ies") {
        return Cow::Owned(format!("{stem}y"));
    }
    match name.strip_suffix('s') {
        Some(stem) if !stem.ends_with('s') && stem.len() > 2 => Cow::Borrowed(stem),
        Some(_) | None => Cow::Borrowed(name),
    }
}
