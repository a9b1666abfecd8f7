//! `budget`: how much of each budget is used, and what changed since another pack.

use papack_queries::budget::{Baseline, Meter, Sizes};
use papack_queries::diagnostic::levels::Levels;
use papack_queries::diagnostic::{Code, Diagnostic, Severity};
use papack_queries::formats::Bank;
use papack_queries::schema::settings::{Budget, Limit, Scope};
use serde::Serialize;

use super::examine::survey_all;
use crate::incremental::sizes;
use crate::operation::{Cancel, Observer, Operation, OperationId, Status, Stop, operation_result};
use crate::session::Session;

/// The options of a budget.
#[derive(Debug, Clone, Default)]
pub struct BudgetRequest {
    /// The pack to compare with.
    pub against: Option<Baseline>,
    /// How severe the caller takes diagnostics to be.
    pub levels: Levels,
    /// Set to cancel the operation.
    pub cancel: Cancel,
}

/// How much of each budget is used.
#[derive(Debug, Clone, Serialize)]
pub struct BudgetResult {
    /// Version of this document.
    pub schema_version: u32,
    /// Which operation.
    pub operation_id: OperationId,
    /// `SUCCESS` if nothing is wrong; `GATE_FAILED` if something is, as an error limit that is exceeded.
    pub status: Status,
    /// What the sizes are compared with; null where with nothing.
    pub against: Option<String>,
    /// The whole pack; null where an error keeps its size from being known.
    pub pack: Option<PackSize>,
    /// Every bank; empty where `pack` is null.
    pub banks: Vec<BankSize>,
    /// Every limit of every budget, in the order of the settings, a warning before the error; empty where `pack` is null.
    pub limits: Vec<LimitStatus>,
    /// Wall-clock time of the operation, in milliseconds.
    pub elapsed_ms: u64,
    /// All diagnostics of the workspace.
    pub diagnostics: Vec<Diagnostic>,
    /// How many diagnostics were allowed, and are not among them.
    pub allowed_diagnostic_count: usize,
}

/// How large the pack is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PackSize {
    /// Bytes of `assets.pa`.
    pub used: u64,
    /// Bytes that it had; null where it is compared with nothing.
    pub was: Option<u64>,
}

/// How large the payloads of a bank are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct BankSize {
    /// The bank.
    pub bank: Bank,
    /// Bytes of its payloads.
    pub used: u64,
    /// Bytes that they had; null where they are compared with nothing.
    pub was: Option<u64>,
}

/// A limit of a budget, and how much of it is used. `used` and `left` are `limit`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LimitStatus {
    /// What is counted.
    pub kind: BudgetKind,
    /// Of what: a bank, a pattern, the name of an asset, or a bank and a slot, as `TILES.3`; null for the pack.
    pub name: Option<String>,
    /// What comes of more bytes.
    pub level: BudgetLevel,
    /// How many bytes there may be.
    pub limit: u64,
    /// How many there are.
    pub used: u64,
    /// How many more there may be; negative where there are too many.
    pub left: i64,
    /// How many there were; null where that is compared with nothing, or not known.
    pub was: Option<u64>,
}

/// What a budget counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs, reason = "the names say it")]
pub enum BudgetKind {
    Pack,
    Bank,
    Folder,
    Asset,
    Slot,
}

/// What comes of a limit that is exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[allow(missing_docs, reason = "the names say it")]
pub enum BudgetLevel {
    Warn,
    Error,
}

operation_result!(BudgetResult);

/// What is known of sizes.
#[derive(Default)]
struct Found {
    pack: Option<PackSize>,
    banks: Vec<BankSize>,
    limits: Vec<LimitStatus>,
}

impl Session {
    /// Examines the whole workspace as [`status`](Self::status) does, and measures the budgets of its settings. Does not take
    /// the lane, and writes nothing but the cache.
    pub fn budget(&mut self, request: &BudgetRequest, observer: &Observer<'_>) -> BudgetResult {
        let mut found = Found::default();
        let mut ended = self.run_judged(&request.levels, &request.cancel, observer, |session, operation| {
            survey_all(session, operation)?;
            if !operation.found().any(|(found, _)| is_obstacle(found))
                && let Some(sizes) = sizes(&session.core().state, |_| None)
            {
                found = measure(operation, &sizes, request.against.as_ref().map(|baseline| &baseline.sizes));
            }
            if operation.count(Severity::Error) > 0 { Err(Stop(Status::GateFailed)) } else { Ok(()) }
        });
        let result = BudgetResult {
            schema_version: 1,
            operation_id: ended.operation_id.clone(),
            status: ended.status,
            against: request.against.as_ref().map(|baseline| baseline.name.clone()),
            pack: found.pack,
            banks: found.banks,
            limits: found.limits,
            elapsed_ms: ended.elapsed_ms,
            diagnostics: std::mem::take(&mut ended.diagnostics),
            allowed_diagnostic_count: ended.allowed_count,
        };
        ended.finish(result)
    }
}

/// Whether sizes or budgets cannot be told because of what was found.
fn is_obstacle(found: &Diagnostic) -> bool {
    found.is_error() && found.code != Code::BudgetExceeded
}

fn measure(operation: &Operation<'_>, sizes: &Sizes, old: Option<&Sizes>) -> Found {
    let bank = |bank| BankSize { bank, used: sizes.of_bank(bank), was: old.map(|old| old.of_bank(bank)) };
    let (mut meter, mut old_meter) = (Meter::new(sizes), old.map(Meter::new));
    let mut limits = Vec::new();
    for budget in operation.budgets() {
        let Some(measured) = meter.measure(&budget.scope) else { continue };
        let was = old_meter.as_mut().and_then(|old| old.measure(&budget.scope)).map(|measured| measured.used);
        limits.extend(statuses(budget, measured.used, was));
    }
    Found {
        pack: Some(PackSize { used: sizes.pack, was: old.map(|old| old.pack) }),
        banks: Bank::ALL.map(bank).into(),
        limits,
    }
}

fn statuses(budget: &Budget, used: u64, was: Option<u64>) -> impl Iterator<Item = LimitStatus> {
    let (kind, name) = match &budget.scope {
        Scope::Pack => (BudgetKind::Pack, None),
        Scope::Bank(bank) => (BudgetKind::Bank, Some(bank.name().to_owned())),
        Scope::Folder(pattern) => (BudgetKind::Folder, Some(pattern.as_str().to_owned())),
        Scope::Asset(name) => (BudgetKind::Asset, Some(name.clone())),
        Scope::Slot(bank, slot) => (BudgetKind::Slot, Some(format!("{}.{slot}", bank.name()))),
    };
    let status = move |level, limit: &Limit| LimitStatus {
        kind,
        name: name.clone(),
        level,
        limit: limit.bytes,
        used,
        // Both are below 2^53.
        left: limit.bytes.cast_signed() - used.cast_signed(),
        was,
    };
    let limits = [(BudgetLevel::Warn, &budget.warn), (BudgetLevel::Error, &budget.error)];
    limits.into_iter().filter_map(move |(level, limit)| Some(status(level, limit.as_ref()?)))
}
