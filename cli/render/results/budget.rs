//! The result of `budget`.

use papack_engine::{BudgetKind, BudgetLevel, BudgetResult, LimitStatus, Status};
use papack_queries::diagnostic::{Code, Diagnostic};
use serde::Serialize;

use crate::render::columns::{self, Side};
use crate::render::markdown_table;
use crate::render::print::{one_line, shortened};
use crate::render::report::{Ended, Report};
use crate::render::styles::{BAD, GOOD, verb_line};
use crate::render::words::{counted, errors, human_size, share, warnings};

/// The result of `budget`, in columns or in Markdown.
#[derive(Debug, Clone, Serialize)]
pub struct BudgetReport {
    /// The result.
    #[serde(flatten)]
    pub result: BudgetResult,
    /// Whether people get it in Markdown.
    #[serde(skip)]
    pub is_markdown: bool,
}

/// A table with its heading in the first row.
struct Table {
    sides: Vec<Side>,
    rows: Vec<Vec<String>>,
}

impl Report for BudgetReport {
    const IS_TEXT: bool = true;

    fn ended(&self) -> Ended<'_> {
        Ended::of(&self.result)
    }

    /// What concerns budgets, and what makes the command fail. The rest is for `check`.
    fn shown_diagnostics(&self) -> Vec<&Diagnostic> {
        let is_of_budgets = |found: &Diagnostic| matches!(found.code, Code::BudgetExceeded | Code::BudgetEmpty);
        self.result.diagnostics.iter().filter(|found| found.is_error() || is_of_budgets(found)).collect()
    }

    fn human(&self) -> String {
        if self.is_markdown {
            return self.markdown();
        }
        let lines = |table: Table| columns::lines_with_heading(&table.sides, &table.rows).join("\n");
        let mut blocks: Vec<_> = self.tables().into_iter().map(lines).collect();
        let (style, verb) = match self.result.status {
            Status::Success => (GOOD, "Measured"),
            _ => (BAD, "Failed"),
        };
        blocks.push(verb_line(style, verb, &self.summary()));
        blocks.join("\n\n")
    }

    fn short(&self) -> String {
        let line = |limit: &LimitStatus| {
            let LimitStatus { used, limit: bytes, left, .. } = limit;
            format!("{} {} {used} {bytes} {left}", level(limit), one_line(&subject(limit)))
        };
        self.result.limits.iter().map(line).chain([self.summary()]).collect::<Vec<_>>().join("\n")
    }
}

impl BudgetReport {
    fn exceeded(&self) -> usize {
        self.result.limits.iter().filter(|limit| limit.left < 0).count()
    }

    /// How it ended, in one line.
    fn summary(&self) -> String {
        let BudgetResult { status, pack, limits, diagnostics, .. } = &self.result;
        let limits = match (limits.len(), self.exceeded()) {
            (0, _) => "no budgets: [budget] in papack.toml sets them".to_owned(),
            (count, 0) => format!("{}, none exceeded", counted(count, "limit")),
            (count, exceeded) => format!("{exceeded} of {} exceeded", counted(count, "limit")),
        };
        match (status, pack) {
            (Status::Cancelled, _) => "cancelled".to_owned(),
            (Status::Success, _) => format!("{limits}{}", warnings(diagnostics)),
            (Status::GateFailed, Some(_)) => format!("{limits}: {}", errors(diagnostics)),
            (Status::GateFailed, None) => format!("the sizes are not known: {}", errors(diagnostics)),
            _ => "the operation failed".to_owned(),
        }
    }

    /// The limits; and what is compared.
    fn tables(&self) -> Vec<Table> {
        let limits = (!self.result.limits.is_empty()).then(|| self.limits());
        let totals =
            self.result.against.as_deref().filter(|_| self.result.pack.is_some()).map(|name| self.totals(name));
        limits.into_iter().chain(totals).collect()
    }

    fn limits(&self) -> Table {
        let mut heading = vec!["budget", "limit", "of", "used", "left", "share"];
        let mut sides = vec![Side::Left, Side::Left, Side::Right, Side::Right, Side::Right, Side::Right];
        if self.result.against.is_some() {
            heading.push("change");
            sides.push(Side::Right);
        }
        let row = |limit: &LimitStatus| {
            let mut row = vec![
                subject(limit),
                level(limit).to_owned(),
                human_size(limit.limit),
                human_size(limit.used),
                signed(limit.left, ""),
                if limit.limit == 0 { String::new() } else { share(limit.used, limit.limit) },
            ];
            if self.result.against.is_some() {
                row.push(change(limit.used, limit.was));
            }
            row
        };
        let heading = heading.into_iter().map(str::to_owned).collect();
        Table { sides, rows: [heading].into_iter().chain(self.result.limits.iter().map(row)).collect() }
    }

    fn totals(&self, against: &str) -> Table {
        let pack = self.result.pack.iter().map(|pack| ("assets.pa".to_owned(), pack.used, pack.was));
        let banks = self.result.banks.iter().map(|size| (format!("bank {}", size.bank.name()), size.used, size.was));
        let size = |bytes: Option<u64>| bytes.map_or_else(unknown, human_size);
        let row = |(name, used, was)| vec![name, size(was), human_size(used), change(used, was)];
        let heading = vec!["size".to_owned(), shortened(against), "now".to_owned(), "change".to_owned()];
        let sides = vec![Side::Left, Side::Right, Side::Right, Side::Right];
        Table { sides, rows: [heading].into_iter().chain(pack.chain(banks).map(row)).collect() }
    }

    /// The same tables in Markdown.
    fn markdown(&self) -> String {
        let table = |table: Table| markdown_table::lines(&table.sides, &table.rows).join("\n");
        let mut blocks: Vec<_> = self.tables().into_iter().map(table).collect();
        blocks.push(markdown_table::text(&self.summary()));
        blocks.join("\n\n")
    }
}

/// What a limit counts.
fn subject(limit: &LimitStatus) -> String {
    let kind = match limit.kind {
        BudgetKind::Pack => "pack",
        BudgetKind::Bank => "bank",
        BudgetKind::Folder => "folder",
        BudgetKind::Asset => "asset",
        BudgetKind::Slot => "slot",
    };
    limit.name.as_ref().map_or_else(|| kind.to_owned(), |name| format!("{kind} {}", shortened(name)))
}

fn level(limit: &LimitStatus) -> &'static str {
    match limit.level {
        BudgetLevel::Warn => "warn",
        BudgetLevel::Error => "error",
    }
}

fn unknown() -> String {
    "?".to_owned()
}

/// How many bytes more there are than there were.
fn change(used: u64, was: Option<u64>) -> String {
    was.map_or_else(unknown, |was| match used.cast_signed() - was.cast_signed() {
        0 => "0".to_owned(),
        change => signed(change, "+"),
    })
}

/// A number of bytes with its sign; a positive one has the sign `plus`.
fn signed(bytes: i64, plus: &str) -> String {
    format!("{}{}", if bytes < 0 { "-" } else { plus }, human_size(bytes.unsigned_abs()))
}
