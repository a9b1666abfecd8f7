//! What is wrong with sizes by the budgets of the settings.

use super::meter::{Measured, Meter};
use super::sizes::{SizedAsset, Sizes};
use crate::diagnostic::{Code, Data, Diagnostic, Severity, Unit};
use crate::glob::Effort;
use crate::json::shortened;
use crate::schema::settings::{Budget, Limit, Scope};
use crate::suggest;

/// How many steps all suggestions together may take: one for each pair of characters that is compared.
const EFFORT: u64 = 1 << 26;

/// A diagnostic for each of `budgets` that `sizes` exceed or that counts nothing, in the order of the budgets.
pub fn judge(budgets: &[Budget], sizes: &Sizes) -> Vec<Diagnostic> {
    let (mut meter, mut effort) = (Meter::new(sizes), Effort::new(EFFORT));
    let mut found = Vec::new();
    for budget in budgets {
        let Some(measured) = meter.measure(&budget.scope) else {
            found.push(costly(budget));
            // The other patterns would be told, too.
            break;
        };
        let is_empty = measured.largest.is_empty();
        let empty = || if is_empty { empty(budget, sizes, &mut effort) } else { None };
        found.extend(exceeded(budget, &measured).or_else(empty));
    }
    found
}

/// The fault that a budget is exceeded. Where both limits are, only the error is told.
fn exceeded(budget: &Budget, measured: &Measured<'_>) -> Option<Diagnostic> {
    let is_exceeded = |limit: &&Limit| measured.used > limit.bytes;
    let error = budget.error.as_ref().filter(is_exceeded).map(|limit| (Severity::Error, limit));
    let (severity, limit) = error.or_else(|| Some((Severity::Warning, budget.warn.as_ref().filter(is_exceeded)?)))?;
    let (used, bytes) = (measured.used, limit.bytes);
    let (subject, over) = (subject(&budget.scope), used - bytes);
    let message = format!("{subject} {used} bytes, {over} more than the {bytes} of the budget");
    let data = Data::limit(Some(used), 0, bytes, Unit::Bytes);
    let found = limit.place.of(Diagnostic::new(severity, Code::BudgetExceeded, message).with_data(data));
    Some(match (&budget.scope, &measured.largest[..]) {
        (Scope::Asset(_) | Scope::Slot(..), _) | (_, []) => found,
        (_, assets) => found.with_help(format!("the largest: {}", largest(assets))),
    })
}

/// What a budget counts, and its verb.
fn subject(scope: &Scope) -> String {
    match scope {
        Scope::Pack => "the pack has".to_owned(),
        Scope::Bank(bank) => format!("bank {} has", bank.name()),
        Scope::Folder(pattern) => format!("the assets in {:?} have", shortened(pattern.as_str())),
        Scope::Asset(name) => format!("asset {:?} has", shortened(name)),
        Scope::Slot(bank, slot) => format!("slot {slot} of bank {} has", bank.name()),
    }
}

fn largest(assets: &[&SizedAsset]) -> String {
    let named = |asset: &&SizedAsset| {
        format!("{:?} (asset {}) with {} bytes", shortened(&asset.name), asset.asset_id, asset.size)
    };
    assets.iter().map(named).collect::<Vec<_>>().join(", ")
}

/// The fault that a budget of an asset or folder counts nothing: probably another one is meant. A slot or bank may be empty.
fn empty(budget: &Budget, sizes: &Sizes, effort: &mut Effort) -> Option<Diagnostic> {
    let (name, message, meant) = match &budget.scope {
        Scope::Pack | Scope::Bank(_) | Scope::Slot(..) => return None,
        Scope::Asset(name) => {
            let names = sizes.assets.iter().map(|asset| asset.name.as_str());
            let affordable = names.take_while(|other| effort.spend(pairs(name, other)));
            let meant = suggest::nearest(name, affordable, |name| name, 1).first().map(|meant| (*meant).to_owned());
            (shortened(name), "no asset of the build set is named", meant)
        }
        Scope::Folder(pattern) => {
            let folder = format!("{}/", pattern.as_str());
            let mut roots = sizes.assets.iter().filter_map(|asset| asset.root.as_ref());
            let meant = roots.any(|root| root.starts_with(&folder)).then(|| format!("{folder}**"));
            (shortened(pattern.as_str()), "no asset of the build set has a root that matches", meant)
        }
    };
    let help = match &meant {
        Some(meant) => format!("did you mean {meant:?}? (papack list shows all assets)"),
        None => "papack list shows all assets".to_owned(),
    };
    let data = Data::choice(name.clone(), &[], meant.as_deref());
    let found = Diagnostic::warning(Code::BudgetEmpty, format!("{message} {name:?}"));
    Some(budget.place.of(found.with_help(help).with_data(data)))
}

/// How many pairs of characters a comparison takes.
fn pairs(one: &str, other: &str) -> u64 {
    (one.len().min(suggest::MAX_BYTES) * other.len().min(suggest::MAX_BYTES)) as u64
}

/// The fault that the patterns take too long: what is in the folder is not known.
fn costly(budget: &Budget) -> Diagnostic {
    let found = Diagnostic::error(Code::GlobTooCostly, "the patterns of budgets up to this one take too long to match");
    budget.place.of(found.with_help("use fewer patterns with fewer stars"))
}
