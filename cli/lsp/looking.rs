//! A look at the workspace, and what the client is told of it.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use gen_lsp_types::{Diagnostic, Location, PublishDiagnosticsParams, Uri};
use papack_engine::{Cancel, Related, is_document};

use super::desk::Desk;
use super::shown::diagnostic;
use super::text::Text;
use super::workspace::Workspace;

/// How long to wait with the next look where the last one may not have seen everything: at first, and at most. It
/// doubles.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

impl Desk {
    /// Looks at what changed, and tells the client what it shows now. Returns whether it came to its end.
    pub fn look(&mut self, cancel: &Cancel) -> bool {
        self.follow_workspace();
        let Some(workspace) = &mut self.workspace else { return true };
        let Some(look) = workspace.editor.look(cancel) else { return false };
        self.pause = if look.is_unsettled { (self.pause * 2).clamp(PAUSES.0, PAUSES.1) } else { Duration::ZERO };
        // An edit may move what is shown, though it is the same in bytes.
        let edited = std::mem::take(&mut self.edited);
        let paths: BTreeSet<String> = look.changed.union(&edited).cloned().collect();
        let mut texts = HashMap::new();
        let mut changed: Vec<String> = Vec::new();
        for path in paths {
            let is_changed = self.show(&path, &mut texts);
            if is_changed || self.is_told_elsewhere(&path) {
                changed.push(path);
            }
        }
        if self.client.pulls_diagnostics {
            // The client asks by itself for the documents that it changes.
            if self.client.refreshes_diagnostics && changed.iter().any(|path| !edited.contains(path)) {
                self.to_client.request("workspace/diagnostic/refresh", &());
            }
        } else {
            changed.iter().for_each(|path| self.publish(path));
        }
        true
    }

    /// Enters the workspace that has taken the place of the one before, if there is one.
    fn follow_workspace(&mut self) {
        let Some(successor) = self.workspace.as_ref().and_then(Workspace::successor) else { return };
        // What is shown may be gone with the workspace before.
        self.edited.extend(self.shown.iter().map(|(path, _)| path.clone()));
        self.open_uris.clear();
        self.enter(successor);
    }

    /// Takes over what the last look found in a document. Returns whether that is something else than before. `texts` are
    /// those of related places, each of which is read once for all documents.
    fn show(&mut self, path: &str, texts: &mut HashMap<String, Option<Box<Text>>>) -> bool {
        let Some(workspace) = &self.workspace else { return false };
        let marked = workspace.editor.last_look().documents.get(path).cloned().unwrap_or_default();
        let text = if marked.is_empty() { None } else { self.text(path) };
        let mut shown = Vec::with_capacity(marked.len());
        for marked in &*marked {
            let locate = |related: &Related| self.locate(related, texts);
            shown.push(diagnostic(path, text.as_deref(), marked, locate));
        }
        self.shown.set(path, shown)
    }

    /// Where a related place is. None where it is in no file.
    fn locate(&self, related: &Related, texts: &mut HashMap<String, Option<Box<Text>>>) -> Option<Location> {
        let path = related.path.as_ref()?;
        let range = related.span.filter(|_| is_document(path)).and_then(|span| {
            let text = texts.entry(path.clone()).or_insert_with(|| self.text(path));
            Some(text.as_ref()?.range(&(span.start..span.end)))
        });
        Some(Location { uri: self.uri(path), range: range.unwrap_or_default() })
    }

    fn publish(&mut self, path: &str) {
        let (uri, version) = (self.uri(path), self.version(path));
        let diagnostics = self.shown.state(path).diagnostics.to_vec();
        // What was told under another URI must not stay.
        let former = if diagnostics.is_empty() {
            self.told.remove(path)
        } else {
            self.told.insert(path.to_owned(), uri.clone())
        };
        if let Some(former) = former.filter(|former| *former != uri) {
            self.publish_at(former, None, Vec::new());
        }
        self.publish_at(uri, version, diagnostics);
    }

    fn publish_at(&self, uri: Uri, version: Option<i32>, diagnostics: Vec<Diagnostic>) {
        let params = PublishDiagnosticsParams { uri, version, diagnostics };
        self.to_client.notify("textDocument/publishDiagnostics", &params);
    }

    /// Whether the client was told diagnostics of a document under another URI than that which it has now.
    fn is_told_elsewhere(&self, path: &str) -> bool {
        self.told.get(path).is_some_and(|told| *told != self.uri(path))
    }
}
