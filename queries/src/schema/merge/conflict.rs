//! What two sides of a merge disagree about, in words.

use crate::diagnostic::{Code, Data, Diagnostic, OtherAsset, command_word};
use crate::json::shortened;
use crate::schema::REGISTRY_PATH;
use crate::schema::registry::RegistryEntry;

/// Where the sides of a merge contradict each other, and what was made of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conflict {
    /// Both sides gave a field of one asset different values. Ours was kept.
    Changed {
        /// Which field.
        field: Field,
        /// The asset as ours has it.
        ours: RegistryEntry,
        /// The asset as theirs has it.
        theirs: RegistryEntry,
    },
    /// One side removed an asset that the other changed. Ours was kept: removed, or as we changed it.
    Removed {
        /// Who removed it.
        by: Side,
        /// As the other side has it.
        changed: RegistryEntry,
    },
    /// The id or place that theirs gave to an asset is that of another one in ours, which was kept.
    Taken {
        /// The asset as it would have been.
        theirs: RegistryEntry,
        /// The asset that has the id or place.
        ours: RegistryEntry,
        /// How the former was merged.
        outcome: ConflictOutcome,
    },
    /// An asset was added under an id that the other side may have given to an asset which it removed since. It was
    /// kept: more often the counter just went past it.
    PerhapsSpent {
        /// Who may have spent the id.
        by: Side,
        /// The asset that has it now.
        entry: RegistryEntry,
    },
}

/// A field of an asset in the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// `asset_id`.
    AssetId,
    /// `root`.
    Root,
}

/// A side of a merge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// What the other is merged into.
    Ours,
    /// What is merged in.
    Theirs,
}

/// How an asset was merged that could not be merged as theirs has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConflictOutcome {
    /// It is as ours has it.
    AsOurs(RegistryEntry),
    /// It got this id, the next one.
    Renumbered(u32),
    /// It is not registered.
    LeftOut,
}

impl Conflict {
    /// Whether somebody has to decide. What is only doubtful does not stop a merge.
    pub fn is_open(&self) -> bool {
        !matches!(self, Self::PerhapsSpent { .. })
    }

    /// The diagnostic: what each side says, how it was merged, and what to do.
    pub fn diagnostic(&self) -> Diagnostic {
        let (asset, message, help) = match self {
            Self::Changed { field, ours, theirs } => {
                (ours, changed(*field, ours, theirs), changed_help(*field, theirs))
            }
            Self::Removed { by: Side::Ours, changed } => (
                changed,
                format!("ours removed {}, theirs changed it; it stays removed", named(changed)),
                format!("if it is to stay, put this line back: {}", changed.line()),
            ),
            Self::Removed { by: Side::Theirs, changed } => (
                changed,
                format!("theirs removed {}, ours changed it; it stays as ours has it", named(changed)),
                format!("if it is to go: papack rm {}", command_word(&changed.root)),
            ),
            Self::Taken { theirs, ours, outcome } => {
                (ours, taken(theirs, ours, outcome), taken_help(theirs, ours, outcome))
            }
            Self::PerhapsSpent { by, entry } => (
                entry,
                format!(
                    "{} gave asset_id {} to {}; {}, whose counter is past it, may have given it to an asset that is gone",
                    word(by.other()),
                    entry.asset_id,
                    quoted(entry),
                    word(*by)
                ),
                format!("if a game knows another asset by it: papack doctor --renumber {}", command_word(&entry.root)),
            ),
        };
        let severed = if self.is_open() { Diagnostic::error } else { Diagnostic::warning };
        let others = match self {
            Self::Changed { theirs, .. } | Self::Taken { theirs, .. } => vec![theirs],
            Self::Removed { .. } | Self::PerhapsSpent { .. } => Vec::new(),
        };
        let others = others.into_iter().map(|other| OtherAsset::registered(other.asset_id, other.root.as_str()));
        let fault = severed(Code::MergeConflict, message).with_help(help).at(REGISTRY_PATH);
        let data = Data::conflict(&asset.root, others.collect());
        Diagnostic { asset_id: Some(asset.asset_id), ..fault.with_data(data) }
    }
}

impl Side {
    fn other(self) -> Self {
        match self {
            Self::Ours => Self::Theirs,
            Self::Theirs => Self::Ours,
        }
    }
}

fn changed(field: Field, ours: &RegistryEntry, theirs: &RegistryEntry) -> String {
    match field {
        Field::AssetId => format!(
            "ours has {} as asset {}, theirs has it as asset {}; ours is kept",
            quoted(ours),
            ours.asset_id,
            theirs.asset_id
        ),
        Field::Root => format!(
            "ours has asset {} in {}, theirs has it in {}; ours is kept",
            ours.asset_id,
            quoted(ours),
            quoted(theirs)
        ),
    }
}

fn changed_help(field: Field, theirs: &RegistryEntry) -> String {
    match field {
        Field::AssetId => format!("an id that a game knows must stay: if that is theirs, write {}", theirs.asset_id),
        Field::Root => "its folder must be where the registry has it: see git status, and papack doctor".to_owned(),
    }
}

/// In which case `loser` is to get back the id that `keeper` has now, and with which command.
fn known_otherwise(loser: &RegistryEntry, keeper: &RegistryEntry) -> String {
    format!(
        "games know {} as asset {}: papack doctor --renumber {} --give-to {}",
        quoted(loser),
        loser.asset_id,
        command_word(&keeper.root),
        command_word(&loser.root)
    )
}

fn taken(theirs: &RegistryEntry, ours: &RegistryEntry, outcome: &ConflictOutcome) -> String {
    let clash = if theirs.asset_id == ours.asset_id && theirs.root != ours.root {
        format!("ours gives asset_id {} to {}, theirs to {}", ours.asset_id, quoted(ours), quoted(theirs))
    } else if theirs.root == ours.root {
        format!(
            "ours has asset {} in {}, theirs has another asset there, {} ({})",
            ours.asset_id,
            quoted(ours),
            theirs.asset_id,
            theirs.asset_uuid
        )
    } else {
        format!("the root of {} in ours and that of {} in theirs lie in each other", named(ours), named(theirs))
    };
    match outcome {
        ConflictOutcome::AsOurs(kept) => {
            format!("{clash}; the latter stays asset {} in {}", kept.asset_id, quoted(kept))
        }
        ConflictOutcome::Renumbered(id) => {
            format!("{clash}, and games may know both by it; the latter gets the next id, {id}")
        }
        ConflictOutcome::LeftOut => format!("{clash}; the latter is not registered"),
    }
}

fn taken_help(theirs: &RegistryEntry, ours: &RegistryEntry, outcome: &ConflictOutcome) -> String {
    match outcome {
        ConflictOutcome::AsOurs(_) => {
            "give one of the two another place or id; papack doctor tells what is left".to_owned()
        }
        ConflictOutcome::Renumbered(_) => {
            let otherwise = known_otherwise(theirs, ours);
            format!("to accept that: git add {REGISTRY_PATH}. If {otherwise}, and then git add")
        }
        ConflictOutcome::LeftOut => {
            "move its folder to a place of its own, and register it there with: papack add ROOT".to_owned()
        }
    }
}

fn word(side: Side) -> &'static str {
    match side {
        Side::Ours => "ours",
        Side::Theirs => "theirs",
    }
}

fn named(entry: &RegistryEntry) -> String {
    format!("{} (asset {})", quoted(entry), entry.asset_id)
}

fn quoted(entry: &RegistryEntry) -> String {
    format!("{:?}", shortened(&entry.root))
}
