//! What the published JSON Schemas say of a place in a document that is being typed: `docs/schemas`.
//!
//! Of the language of JSON Schema this knows what those two schemas use: `$ref`, `allOf`, `if` with `const` and
//! `required`, and what describes objects, arrays and values.

use std::borrow::Cow;
use std::sync::LazyLock;

use serde_json::Value as Json;

use crate::json::lenient::{Kind, Value, Values};

/// The schema of `asset.json`.
pub const ASSET_SCHEMA: &str = include_str!("../../../docs/schemas/asset.schema.json");

/// The schema of `index.json`.
pub const INDEX_SCHEMA: &str = include_str!("../../../docs/schemas/index.schema.json");

static ASSET: LazyLock<Json> = LazyLock::new(|| serde_json::from_str(ASSET_SCHEMA).unwrap_or_default());
static INDEX: LazyLock<Json> = LazyLock::new(|| serde_json::from_str(INDEX_SCHEMA).unwrap_or_default());

/// A document with a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// `asset.json`
    Manifest,
    /// `index.json`
    Registry,
}

/// What a schema says of one value.
#[derive(Debug, Clone)]
pub struct Shape {
    document: &'static Json,
    /// The schemas of the value itself.
    own: Vec<&'static Json>,
    /// All schemas that the value has to keep: its own, and what they refer to as things are. The nearest is first.
    parts: Vec<&'static Json>,
}

/// A field of an object.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name.
    pub name: &'static str,
    /// Whether the object needs it.
    pub is_required: bool,
    /// What its value is.
    pub shape: Shape,
}

/// A value that the schema lists.
#[derive(Debug, Clone)]
pub struct Choice {
    /// The value: a string, number or boolean.
    pub value: &'static Json,
    /// What it means.
    pub description: Option<&'static str>,
    /// Whether it is what counts where nothing is written.
    pub is_default: bool,
}

/// An object of the document as it is now, and the name of a member that it is taken to have besides.
#[derive(Clone)]
struct Instance<'v, 't> {
    values: &'v Values<'t>,
    members: Vec<(Cow<'t, str>, Value)>,
    assumed: Option<&'static str>,
}

impl<'v, 't> Instance<'v, 't> {
    /// The object `value`; without members, where it is none.
    fn new(values: &'v Values<'t>, value: Option<Value>) -> Self {
        /// More than any object of a schema has. What comes after is not looked at.
        const MOST: usize = 100;
        let members = value.into_iter().flat_map(|object| values.children(object)).take(MOST);
        let members = members.filter_map(|member| Some((values.key(member)?, member))).collect();
        Self { values, members, assumed: None }
    }

    fn member(&self, name: &str) -> Option<Value> {
        self.members.iter().find(|(key, _)| key == name).map(|(_, member)| *member)
    }

    fn has(&self, name: &str) -> bool {
        self.assumed == Some(name) || self.member(name).is_some()
    }
}

impl Shape {
    /// What the schema says of `value`, which is one of `values`; of none, what it says of the document.
    pub fn of(schema: Schema, values: &Values<'_>, value: Option<Value>) -> Self {
        let document = match schema {
            Schema::Manifest => &*ASSET,
            Schema::Registry => &*INDEX,
        };
        let path = value.map(|value| values.path(value)).unwrap_or_default();
        let mut shape = Self::new(document, vec![document], &Instance::new(values, path.first().copied()));
        for step in path.into_iter().skip(1) {
            let instance = Instance::new(values, Some(step));
            shape = match values.key(step) {
                Some(name) => shape.member(&name, &instance),
                None => shape.element(&instance),
            };
        }
        shape
    }

    /// What the schemas `own` say of `instance`.
    fn new(document: &'static Json, own: Vec<&'static Json>, instance: &Instance<'_, '_>) -> Self {
        let mut shape = Self { document, own, parts: Vec::new() };
        let mut parts = Vec::new();
        shape.own.iter().for_each(|part| shape.expand(part, instance, &mut parts, 0));
        shape.parts = parts;
        shape
    }

    /// Adds `part` and all that it refers to. The schemas nest a few levels deep; no reference leads back.
    fn expand(&self, part: &'static Json, instance: &Instance<'_, '_>, parts: &mut Vec<&'static Json>, depth: usize) {
        const MAX_DEPTH: usize = 16;
        if depth == MAX_DEPTH {
            return;
        }
        parts.push(part);
        let mut go_on = |part| self.expand(part, instance, parts, depth + 1);
        if let Some(referred) = part["$ref"].as_str().and_then(|link| self.document.pointer(link.strip_prefix('#')?)) {
            go_on(referred);
        }
        part["allOf"].as_array().into_iter().flatten().for_each(&mut go_on);
        if let Some(condition) = part.get("if") {
            let branch = if holds(condition, instance) { "then" } else { "else" };
            part.get(branch).into_iter().for_each(go_on);
        }
    }

    /// What is said of the member `name`, which is `instance`.
    fn member(&self, name: &str, instance: &Instance<'_, '_>) -> Self {
        let own = self.parts.iter().filter_map(|part| part["properties"].get(name)).collect();
        Self::new(self.document, own, instance)
    }

    /// What is said of an element, which is `instance`.
    fn element(&self, instance: &Instance<'_, '_>) -> Self {
        let own = self.parts.iter().filter_map(|part| part.get("items")).collect();
        Self::new(self.document, own, instance)
    }

    /// The fields of the object, which is `value` of `values`, that are not there yet and may be: those that it needs
    /// in the order of the schema, then the others by name.
    pub fn missing_fields(&self, values: &Values<'_>, value: Option<Value>) -> Vec<Field> {
        let instance = Instance::new(values, value);
        let required: Vec<&str> = self.lists("required").filter_map(Json::as_str).collect();
        let objects = self.parts.iter().filter_map(|part| part["properties"].as_object());
        let mut names: Vec<&'static str> = objects.flat_map(|object| object.keys().map(String::as_str)).collect();
        let rank = |name: &str| required.iter().position(|required| *required == name).unwrap_or(required.len());
        names.sort_by_key(|name| (rank(name), *name));
        names.dedup();
        names.retain(|name| !instance.has(name) && self.admits(&instance, name));
        let field = |name: &'static str| {
            let shape = self.member(name, &Instance::new(values, None));
            Field { name, is_required: required.contains(&name), shape }
        };
        names.into_iter().map(field).collect()
    }

    /// Whether the object may have the member `name` beside those that it has.
    fn admits(&self, instance: &Instance<'_, '_>, name: &'static str) -> bool {
        let then = Self::new(self.document, self.own.clone(), &Instance { assumed: Some(name), ..instance.clone() });
        let is_refused =
            |name: &str| then.parts.iter().any(|part| part["properties"].get(name) == Some(&Json::Bool(false)));
        !is_refused(name) && !instance.members.iter().any(|(name, _)| is_refused(name))
    }

    /// The elements of all lists that are called `name`.
    fn lists(&self, name: &'static str) -> impl Iterator<Item = &'static Json> {
        self.parts.iter().filter_map(move |part| part[name].as_array()).flatten()
    }

    /// What the value means.
    pub fn description(&self) -> Option<&'static str> {
        self.parts.iter().find_map(|part| part["description"].as_str())
    }

    /// The type of the value, where it has one: `object`, `array`, `string`, `integer` or `boolean`.
    pub fn type_name(&self) -> Option<&'static str> {
        self.parts.iter().find_map(|part| part["type"].as_str())
    }

    /// What counts where the value is not written.
    pub fn default_value(&self) -> Option<&'static Json> {
        self.parts.iter().find_map(|part| part.get("default"))
    }

    /// The values that are possible, where the schema lists them.
    pub fn choices(&self) -> Vec<Choice> {
        static BOOLEANS: [Json; 2] = [Json::Bool(true), Json::Bool(false)];
        let described = self.lists("oneOf").filter_map(|one| Some((one.get("const")?, one["description"].as_str())));
        let listed = self.lists("enum").map(|value| (value, None));
        let is_boolean = self.type_name() == Some("boolean");
        let booleans = BOOLEANS.iter().filter(|_| is_boolean).map(|value| (value, None));
        let choice = |(value, description)| {
            let is_default = self.default_value() == Some(value);
            Choice { value, description, is_default }
        };
        described.chain(listed).chain(booleans).map(choice).collect()
    }
}

/// Whether `instance` is as `condition` says. What is absent is as any `const` says.
fn holds(condition: &Json, instance: &Instance<'_, '_>) -> bool {
    let required = condition["required"].as_array().into_iter().flatten().filter_map(Json::as_str);
    let constants = condition["properties"].as_object().into_iter().flatten();
    let is_so = |(name, schema): (&String, &Json)| match (schema.get("const"), instance.member(name)) {
        (Some(constant), Some(member)) => is_equal(instance.values, member, constant),
        _ => true,
    };
    required.into_iter().all(|name| instance.has(name)) && constants.into_iter().all(is_so)
}

fn is_equal(values: &Values<'_>, value: Value, constant: &Json) -> bool {
    match values.kind(value) {
        Kind::String => values.string(value).as_deref() == constant.as_str(),
        Kind::Word => serde_json::from_str::<Json>(values.written(value)).is_ok_and(|written| written == *constant),
        Kind::Object | Kind::Array | Kind::Missing => false,
    }
}

#[cfg(test)]
mod tests;
