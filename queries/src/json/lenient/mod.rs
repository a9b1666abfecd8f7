//! JSON that is being typed: the values of a text as far as they can be told, and where a place in it lies among them.
//!
//! Any text gives [`Values`]. Of JSON, they are its values. Elsewhere the reader goes on where a person would: a string
//! ends with its line, a bracket closes the nearest one of its kind, and commas may be missing.
//!
//! `values` has the values, `reader` reads them, and `spot` tells what could stand at a place.

mod reader;
mod spot;
mod values;

pub use reader::{read, read_around};
pub use spot::{Spot, spot};
pub use values::{Kind, Value, Values};

#[cfg(test)]
mod tests;
