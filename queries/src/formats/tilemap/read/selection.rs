//! Which layers of a file are taken.

use super::super::notes::{Notes, Read};

/// The layers that an entry of `artifacts` asks for, and the names of those that there are.
pub(super) struct Selection<'p> {
    /// None where all are taken.
    wanted: &'p [String],
    names: Vec<String>,
}

impl<'p> Selection<'p> {
    pub(super) fn new(wanted: &'p [String]) -> Self {
        Self { wanted, names: Vec::new() }
    }

    /// Whether the layer called `name`, with its groups, is taken: it or a group that it is in is asked for.
    pub(super) fn takes(&mut self, name: &str) -> bool {
        if self.wanted.is_empty() {
            return true;
        }
        self.names.push(name.to_owned());
        self.wanted.iter().any(|wanted| is_in(name, wanted))
    }

    /// Reports a layer that is asked for and not there.
    pub(super) fn finish(&self, notes: &mut Notes<'_, '_>) -> Read<()> {
        let is_there = |wanted: &String| self.names.iter().any(|name| is_in(name, wanted));
        match self.wanted.iter().find(|wanted| !is_there(wanted)) {
            Some(absent) => Err(notes.missing("layer", absent, &self.names)),
            None => Ok(()),
        }
    }
}

/// Whether the layer called `name` is the one called `wanted`, or in a group called so.
fn is_in(name: &str, wanted: &str) -> bool {
    name.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
