//! Objects: members with names, members with any name, members with one of a few names.

use serde_json::{Map, Value};

use super::read::Reader;
use super::remark;
use super::ty::{Member, Object, Presence, Type};
use crate::codegen::limits::{Subject, is_limit};
use crate::codegen::pointer;

/// `{ name: type }`.
pub(super) fn one_member(name: &str, ty: Type) -> Type {
    let member =
        Member { name: name.to_owned(), presence: Presence::Required, ty, comment: Vec::new() };
    Type::Object(Object { members: vec![member], others: None })
}

impl Reader<'_> {
    /// The type of an object.
    pub(super) fn members(&mut self, map: &Map<String, Value>) -> Type {
        let mut members = self.declared(map);
        if members.is_empty()
            && let Some(keyed) = self.keyed(map)
        {
            return keyed;
        }
        members.extend(self.required_only(map, &members));
        let others = self.others(map, !members.is_empty());
        if let Some(names) = map.get("propertyNames")
            && is_limit("propertyNames", names)
        {
            self.cannot_say("which names `propertyNames` means");
        }
        Type::Object(Object { members, others })
    }

    fn declared(&mut self, map: &Map<String, Value>) -> Vec<Member> {
        let properties = map.get("properties").and_then(Value::as_object);
        let declared = properties.into_iter().flatten();
        declared
            .map(|(name, schema)| {
                let (ty, remarks) = self.counted(Subject::Field, schema);
                Member {
                    name: name.clone(),
                    presence: presence(map, name),
                    ty,
                    comment: remark::comment(schema, remarks),
                }
            })
            .collect()
    }

    /// Members that have to be there and that nothing else is said about.
    fn required_only(&mut self, map: &Map<String, Value>, declared: &[Member]) -> Vec<Member> {
        let required = map.get("required").and_then(Value::as_array);
        let mut names: Vec<&str> = Vec::new();
        for name in required.into_iter().flatten().filter_map(Value::as_str) {
            if !names.contains(&name) && !declared.iter().any(|member| member.name == name) {
                names.push(name);
            }
        }
        let member = |name: &str| {
            let schema = map.get("additionalProperties").unwrap_or(&Value::Null);
            let (ty, remarks) = self.remarked(|reader| reader.read(schema));
            Member { name: name.to_owned(), presence: Presence::Required, ty, comment: remarks }
        };
        names.into_iter().map(member).collect()
    }

    /// What members with other names hold.
    fn others(&mut self, map: &Map<String, Value>, has_members: bool) -> Option<Box<Type>> {
        let additional = map.get("additionalProperties");
        let patterns = map.get("patternProperties").and_then(Value::as_object);
        let by_pattern = patterns.into_iter().flatten();
        let mut types: Vec<Type> = by_pattern.map(|(_, schema)| self.inside(schema)).collect();
        if !types.is_empty() {
            self.cannot_say("which names `patternProperties` means");
        }
        match additional {
            Some(Value::Bool(false)) if has_members && types.is_empty() => {
                self.close();
                return None;
            }
            Some(schema) => types.push(self.inside(schema)),
            None if has_members && types.is_empty() => return None,
            None => types.push(Type::Unknown),
        }
        let others = Type::union(types);
        if has_members && others != Type::Unknown {
            self.cannot_say("what other members hold beside named ones");
            return Some(Box::new(Type::Unknown));
        }
        Some(Box::new(others))
    }

    /// `dict[Currency, T]`: names out of a list.
    fn keyed(&mut self, map: &Map<String, Value>) -> Option<Type> {
        let keys = self.listed_names(map.get("propertyNames")?)?;
        let value = match map.get("additionalProperties") {
            Some(schema) => self.inside(schema),
            None => Type::Unknown,
        };
        Some(Type::Keyed { keys, value: Box::new(value) })
    }

    fn listed_names(&self, schema: &Value) -> Option<Vec<String>> {
        let mut schema = schema;
        for _ in 0..MAX_REFERENCES {
            let Some(reference) = schema.get("$ref").and_then(Value::as_str) else { break };
            schema = pointer::target(self.root, reference)?.1;
        }
        let names = match (schema.get("const"), schema.get("enum")) {
            (Some(name), _) => std::slice::from_ref(name),
            (None, names) => names?.as_array()?,
        };
        let names: Vec<String> =
            names.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        (!names.is_empty()).then_some(names)
    }
}

/// References followed to find the names of members.
const MAX_REFERENCES: usize = 8;

fn presence(map: &Map<String, Value>, name: &str) -> Presence {
    let required = map.get("required").and_then(Value::as_array);
    match required.is_some_and(|required| required.iter().any(|known| known == name)) {
        true => Presence::Required,
        false => Presence::Optional,
    }
}
