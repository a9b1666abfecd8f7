//! The result of `list`.

use papack_engine::{AssetState, AssetStatus, ListResult, Status};
use papack_queries::diagnostic::{Code, Diagnostic};

use super::registry::registry_errors;
use crate::render::columns::{self, Side};
use crate::render::print::{one_line, shortened};
use crate::render::report::{Ended, Report};
use crate::render::styles::{BAD, verb_line};
use crate::render::words::{counted, human_size};

impl Report for ListResult {
    const IS_TEXT: bool = true;

    fn ended(&self) -> Ended<'_> {
        Ended::of(self)
    }

    /// Only why there is no list. What is wrong with the workspace is for `check`.
    fn shown_diagnostics(&self) -> Vec<&Diagnostic> {
        let is_of_request = |found: &&Diagnostic| {
            matches!(found.code, Code::AssetUnknown | Code::PathInvalid | Code::GlobTooCostly) && found.path.is_none()
        };
        let errors = || self.diagnostics.iter().filter(|found| self.status != Status::Success && found.is_error());
        let of_request: Vec<_> = errors().filter(is_of_request).collect();
        if of_request.is_empty() { errors().collect() } else { of_request }
    }

    fn human(&self) -> String {
        let Some(assets) = &self.assets else { return verb_line(BAD, "Failed", &self.short()) };
        if assets.is_empty() {
            return "no assets".into();
        }
        let mut rows = vec![["id", "name", "bank", "size", "slot", "state", "root"].map(String::from).to_vec()];
        rows.extend(assets.iter().map(row));
        let sides = [Side::Right, Side::Left, Side::Left, Side::Right, Side::Right, Side::Left, Side::Left];
        columns::lines_with_heading(&sides, &rows).join("\n")
    }

    fn short(&self) -> String {
        match (&self.assets, self.status) {
            (Some(assets), _) => {
                let line = |asset: &AssetStatus| {
                    let [id, name, bank, .., state, root] = &row(asset)[..] else { return String::new() };
                    let size = asset.payload_bytes.map_or_else(|| "?".to_owned(), |size| size.to_string());
                    format!("{id} {bank} {size} {state} {} {}", one_line(root), one_line(name))
                };
                let lines = assets.iter().map(line).chain([counted(assets.len(), "asset")]);
                lines.collect::<Vec<_>>().join("\n")
            }
            (None, Status::Cancelled) => "cancelled".into(),
            (None, Status::GateFailed) if registry_errors(&self.diagnostics).next().is_some() => {
                "no list: what is registered is not known".into()
            }
            (None, Status::GateFailed) => "no list: not all that was asked for is there".into(),
            (None, _) => "no list: the operation failed".into(),
        }
    }
}

/// The cells of an asset: its id, name, bank, size, slot, state and root. They are not escaped: the table does that.
fn row(asset: &AssetStatus) -> Vec<String> {
    let or_unknown = |text: Option<String>| text.unwrap_or_else(|| "?".to_owned());
    let state = match asset.state {
        AssetState::Ready => "ready",
        AssetState::Faulty => "faulty",
        AssetState::Missing => "missing",
        AssetState::Moved => "moved",
    };
    let excluded = if asset.included_in_build { "" } else { ", excluded" };
    vec![
        asset.asset_id.to_string(),
        or_unknown(asset.asset_name.as_deref().map(shortened)),
        or_unknown(asset.bank.map(|bank| bank.name().to_owned())),
        or_unknown(asset.payload_bytes.map(human_size)),
        asset.preload_slot.map_or_else(String::new, |slot| slot.to_string()),
        format!("{state}{excluded}"),
        asset.root.clone(),
    ]
}
