//! What a payload is made of: its content key, and how it differs from what an earlier one was made of.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use smol_str::SmolStr;

use crate::content::{ContentId, ContentKey, Digest};
use crate::formats::tilemap::AskedTileset;
use crate::formats::{Format, Part};

/// Everything that the payload of an asset depends on. Its place and its name are not part of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PayloadInputs {
    /// The format, with the manifest fields that it declares.
    pub format: Format,
    /// The artifact files in order, each path once.
    pub files: Box<[InputFile]>,
    /// What is known of the tilesets that they ask for. Few assets ask.
    pub tilesets: Option<Box<Tilesets>>,
}

/// What is known of tilesets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tilesets {
    /// At least one, in ascending order of the pictures.
    asked: Vec<AskedTileset>,
}

impl Tilesets {
    /// `asked`, where there are some.
    pub fn of(asked: &[AskedTileset]) -> Option<Box<Self>> {
        (!asked.is_empty()).then(|| Box::new(Self { asked: asked.to_vec() }))
    }
}

/// One artifact file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputFile {
    /// Its path below the asset root.
    pub path: SmolStr,
    /// Its bytes.
    pub content: ContentId,
    /// Which part of it is taken; none for all of it.
    pub part: Option<Box<Part>>,
}

/// Something in which the inputs of an asset differ from earlier ones.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum InputChange {
    /// Another format, whose fields are not compared with those of the old one.
    Format {
        /// The old one's name.
        from: &'static str,
        /// The new one's name.
        to: &'static str,
    },
    /// Another value of a field that the format declares.
    Field {
        /// Its name.
        field: &'static str,
        /// The old value; null where it was not set.
        from: Value,
        /// The new one; null where it is not set.
        to: Value,
    },
    /// A file that was not among them.
    FileAdded {
        /// Its path below the asset root.
        path: SmolStr,
        /// Its bytes.
        content: ContentId,
    },
    /// A file that is no longer among them.
    FileRemoved {
        /// Its path below the asset root.
        path: SmolStr,
        /// Its bytes, as they were.
        content: ContentId,
    },
    /// A file with other bytes.
    FileChanged {
        /// Its path below the asset root.
        path: SmolStr,
        /// Its bytes, as they were.
        from: ContentId,
        /// Its bytes.
        to: ContentId,
    },
    /// Another part of a file is taken.
    Part {
        /// Its path below the asset root.
        path: SmolStr,
    },
    /// The files that are in both have another order.
    Order,
    /// The tiles of a picture that a map asks for have other places.
    Tileset {
        /// The picture, as seen from the asset root.
        picture: String,
    },
}

impl PayloadInputs {
    /// What is known of the tilesets that the files ask for, in ascending order of the pictures.
    pub fn tilesets(&self) -> &[AskedTileset] {
        self.tilesets.as_ref().map_or(&[], |tilesets| &tilesets.asked)
    }

    /// What kind of digest a key is. This must change whenever what goes into a key changes, or how, what a format gives
    /// for equal inputs, or the form of what is remembered for it.
    const DOMAIN: &str = "papack content key 5";

    /// The key of these inputs.
    pub fn key(&self) -> ContentKey {
        let mut hasher = blake3::Hasher::new();
        let mut text = |text: &str| {
            hasher.update(&(text.len() as u64).to_le_bytes());
            hasher.update(text.as_bytes());
        };
        text(Self::DOMAIN);
        text(self.format.name());
        text(self.format.decoders());
        let fields = self.format.fields();
        text(&fields.len().to_string());
        for (name, value) in fields {
            text(name);
            // Integers and short words, which print in their canonical form.
            text(&value.to_string());
        }
        for file in &self.files {
            text(&file.path);
            text(&file.content.size.to_string());
            text(&file.content.digest.to_string());
            text(&file.part.as_ref().map(ToString::to_string).unwrap_or_default());
        }
        for AskedTileset { picture, found } in self.tilesets() {
            text(picture);
            match found {
                Ok(place) => text(&place.to_string()),
                Err(fault) => text(&fault.to_string()),
            }
        }
        ContentKey(Digest(*hasher.finalize().as_bytes()))
    }

    /// How these inputs differ from the `old` ones. Empty exactly when they are equal.
    pub fn changes_since(&self, old: &Self) -> Vec<InputChange> {
        let mut changes = Vec::new();
        let (from, to) = (old.format.name(), self.format.name());
        if from == to {
            changes.extend(field_changes(old.format, self.format));
        } else {
            changes.push(InputChange::Format { from, to });
        }
        changes.extend(self.file_changes_since(old));
        changes.extend(self.tileset_changes_since(old));
        changes
    }

    fn file_changes_since(&self, old: &Self) -> Vec<InputChange> {
        let mut before: HashMap<&str, (usize, &InputFile)> =
            old.files.iter().enumerate().map(|(index, file)| (file.path.as_str(), (index, file))).collect();
        let mut changes = Vec::new();
        let mut shared = Vec::new();
        for InputFile { path, content, part } in &self.files {
            match before.remove(path.as_str()) {
                None => changes.push(InputChange::FileAdded { path: path.clone(), content: *content }),
                Some((index, from)) => {
                    shared.push(index);
                    if from.content != *content {
                        let (from, to) = (from.content, *content);
                        changes.push(InputChange::FileChanged { path: path.clone(), from, to });
                    }
                    if from.part != *part {
                        changes.push(InputChange::Part { path: path.clone() });
                    }
                }
            }
        }
        let removed = old.files.iter().filter(|file| before.contains_key(file.path.as_str()));
        let removed = removed.map(|file| InputChange::FileRemoved { path: file.path.clone(), content: file.content });
        changes.extend(removed);
        if !shared.is_sorted() {
            changes.push(InputChange::Order);
        }
        changes
    }
}

impl PayloadInputs {
    /// The pictures of which something else is known, those that are asked for no more at the end.
    fn tileset_changes_since(&self, old: &Self) -> impl Iterator<Item = InputChange> {
        let (added, removed) = (self.tilesets().iter(), old.tilesets().iter());
        let is_asked = |asked: &&AskedTileset| self.tilesets().iter().any(|own| own.picture == asked.picture);
        let added = added.filter(|asked| !old.tilesets().contains(asked)).map(|asked| asked.picture.clone());
        let removed = removed.filter(|asked| !is_asked(asked)).map(|asked| asked.picture.clone());
        let pictures: Vec<_> = added.chain(removed).collect();
        pictures.into_iter().map(|picture| InputChange::Tileset { picture })
    }
}

/// The fields that differ between two formats of one name: those of `old`, then those that only `new` has.
fn field_changes(old: Format, new: Format) -> impl Iterator<Item = InputChange> {
    let (old, new) = (old.fields(), new.fields());
    let value = |fields: &[(&str, Value)], name: &str| {
        fields.iter().find(|(field, _)| *field == name).map_or(Value::Null, |(_, value)| value.clone())
    };
    let mut names: Vec<&'static str> = old.iter().map(|(name, _)| *name).collect();
    names.extend(new.iter().map(|(name, _)| *name).filter(|name| !old.iter().any(|(other, _)| other == name)));
    let change = move |field| (field, value(&old, field), value(&new, field));
    let changes = names.into_iter().map(change).filter(|(_, from, to)| from != to);
    changes.map(|(field, from, to)| InputChange::Field { field, from, to })
}
