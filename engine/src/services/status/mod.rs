//! `status`: what a workspace holds, what is wrong with it, and what a pack would do next.

mod next_pack;
mod result;
mod summary;

use papack_queries::diagnostic::levels::Levels;

use super::examine::survey_all;
use crate::operation::{Cancel, Observer};
use crate::session::Session;

pub(in crate::services) use summary::assets;

pub use result::{
    AssetState, AssetStatus, BankStatus, Counts, NextAction, NextPack, StatusResult, Summary, UnmanagedStatus, UsedSlot,
};

/// The options of a status.
#[derive(Debug, Clone, Default)]
pub struct StatusRequest {
    /// How severe the caller takes diagnostics to be.
    pub levels: Levels,
    /// Set to cancel the operation.
    pub cancel: Cancel,
}

impl Session {
    /// Examines the whole workspace and sums it up. Does not take the lane, and writes nothing but the cache.
    pub fn status(&mut self, request: &StatusRequest, observer: &Observer<'_>) -> StatusResult {
        let mut workspace = None;
        let mut ended = self.run_judged(&request.levels, &request.cancel, observer, |session, operation| {
            let (snapshot, stands) = survey_all(session, operation)?;
            let next_pack = next_pack::next_pack(session, operation, stands)?;
            workspace = Some(summary::of(session.core_mut(), operation, snapshot, next_pack));
            Ok(())
        });
        let result = StatusResult {
            schema_version: 1,
            operation_id: ended.operation_id.clone(),
            status: ended.status,
            workspace,
            elapsed_ms: ended.elapsed_ms,
            diagnostics: std::mem::take(&mut ended.diagnostics),
            allowed_diagnostic_count: ended.allowed_count,
        };
        ended.finish(result)
    }
}
