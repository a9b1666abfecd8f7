//! What a manifest may ask to be done to pictures: each conversion is a function of a picture in memory.
//!
//! `key` and `alpha` decide what is transparent; `colours` brings the colours down to
//! a palette, which `reduce` chooses and `map` applies; `renumber` and `pad` bring into form what is left. What a
//! conversion takes from a picture is a notice. All of it is done in integers.

mod alpha;
mod colours;
mod histogram;
mod key;
mod map;
mod pad;
mod palette_file;
mod reduce;
mod renumber;

pub(super) use alpha::harden;
pub(super) use colours::{Limits, limit};
pub(super) use key::make_transparent;
pub(super) use pad::Filling;
pub(super) use palette_file::imposed;
pub(super) use renumber::renumber;
