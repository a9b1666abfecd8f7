//! The thread that has the editor's session: it takes changes and questions in order, and looks when nothing waits.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use gen_lsp_types::{MessageType, ShowMessageParams, Uri};
use papack_engine::{Cancel, ChangedFiles, RecentPayloads, is_document};

use super::client::{Abilities, ToClient};
use super::documents::{Document, Documents};
use super::queue::{Next, Question, Queue, Task, Wish};
use super::shown::Shown;
use super::text::Text;
use super::watching;
use super::workspace::{self, Workspace};
use crate::rpc::{Failure, Id, Nudge};

/// The largest document that is read to tell places in it, in bytes.
const MAX_TEXT: usize = 256 * 1024 * 1024;

/// What the thread has.
pub struct Desk {
    pub client: Abilities,
    pub to_client: Arc<ToClient>,
    queue: Arc<Queue<Self>>,
    /// The folders in or around which a workspace is looked for.
    folders: Vec<PathBuf>,
    pub workspace: Option<Workspace>,
    /// Holds the workspace's folder as soon as there is one.
    found: Arc<OnceLock<PathBuf>>,
    /// What looks derived, for the operations.
    recent: Arc<RecentPayloads>,
    pub documents: Documents,
    /// The URIs of those that are of the workspace, by their paths below it.
    pub open_uris: HashMap<String, Uri>,
    pub shown: Shown,
    /// The URIs under which the client was told diagnostics unasked, by the paths of the documents.
    pub told: HashMap<String, Uri>,
    /// The paths of documents that were edited since the last look.
    pub edited: BTreeSet<String>,
    /// How long to wait with the next look.
    pub pause: Duration,
    has_said_that_there_is_none: bool,
}

/// Starts the thread. `found` has the workspace's folder, or gets it as soon as there is one; `recent` gets what looks derive.
/// Returns a flag that is set when the thread has ended; then `nudge` is called.
///
/// # Errors
///
/// When no thread can be started.
pub fn start(
    client: Abilities,
    to_client: Arc<ToClient>,
    queue: Arc<Queue<Desk>>,
    folders: Vec<PathBuf>,
    found: Arc<OnceLock<PathBuf>>,
    recent: Arc<RecentPayloads>,
    nudge: Nudge,
) -> io::Result<Arc<AtomicBool>> {
    let mut desk = Desk {
        client,
        to_client,
        queue,
        folders,
        workspace: None,
        found,
        recent,
        documents: Documents::default(),
        open_uris: HashMap::new(),
        shown: Shown::default(),
        told: HashMap::new(),
        edited: BTreeSet::new(),
        pause: Duration::ZERO,
        has_said_that_there_is_none: false,
    };
    let has_ended = Arc::new(AtomicBool::new(false));
    let end = End { has_ended: Arc::clone(&has_ended), nudge };
    let thread = std::thread::Builder::new().name("papack looking".into()).spawn(move || {
        let _end = end;
        match desk.found.get().cloned() {
            Some(folder) => desk.open_workspace(folder),
            None => desk.look_for_workspace(),
        }
        desk.work();
    });
    thread.map(|_| has_ended)
}

/// Tells the server that the thread has ended, however it did.
struct End {
    has_ended: Arc<AtomicBool>,
    nudge: Nudge,
}

impl Drop for End {
    fn drop(&mut self) {
        self.has_ended.store(true, Ordering::SeqCst);
        self.nudge.nudge();
    }
}

impl Desk {
    fn work(&mut self) {
        let queue = Arc::clone(&self.queue);
        while let Some(next) = queue.next(&self.wish()) {
            match next {
                Next::Do(Task::Change(change)) => {
                    change(self);
                    self.pause = Duration::ZERO;
                }
                Next::Do(Task::Question(id, question)) => {
                    let result = self.look_for(&id).and_then(|()| question(self));
                    self.to_client.answer(&id, result);
                }
                Next::Do(Task::Report(id, report)) if self.must_look() => {
                    queue.keep_report(id, report);
                    self.pause = Duration::ZERO;
                }
                Next::Do(Task::Report(id, report)) => self.report(&id, report),
                Next::Look(cancel) => {
                    self.look_and_report(&cancel);
                }
            }
        }
    }

    fn report(&mut self, id: &Id, report: Question<Self>) {
        let result = report(self);
        self.to_client.answer(id, result);
    }

    fn must_look(&self) -> bool {
        self.workspace.as_ref().is_some_and(|workspace| workspace.editor.has_changes())
    }

    fn wish(&self) -> Wish {
        let is_unsettled = self.workspace.as_ref().is_some_and(|workspace| workspace.editor.last_look().is_unsettled);
        Wish { look_in: (is_unsettled || self.must_look()).then_some(self.pause) }
    }

    /// Looks at what changed, if anything did, for the question `id`.
    fn look_for(&mut self, id: &Id) -> Result<(), Failure> {
        if !self.must_look() {
            return Ok(());
        }
        let cancel = self.queue.begin_look_for(id);
        match self.look_and_report(&cancel) {
            (false, true) => Err(Failure::cancelled()),
            (false, false) => Err(Failure::outdated()),
            (true, _) => Ok(()),
        }
    }

    /// Looks at what changed, and answers the reports that wait for a look, whatever it was made for. Returns whether it
    /// came to its end, and whether nobody wants the answer to the question that waits for it.
    fn look_and_report(&mut self, cancel: &Cancel) -> (bool, bool) {
        let is_complete = self.look(cancel);
        let is_dropped = self.queue.end_look(is_complete);
        if is_complete {
            self.queue.take_reports().into_iter().for_each(|(id, report)| self.report(&id, report));
        }
        (is_complete, is_dropped)
    }

    /// The text of the document at `path`. None where it cannot be read.
    pub fn text(&self, path: &str) -> Option<Box<Text>> {
        if let Some((_, open)) = self.open_at(path) {
            return Some(Box::new(open.text.clone()));
        }
        let bytes = self.workspace.as_ref()?.editor.text(path, MAX_TEXT)?;
        Some(Box::new(Text::new(&bytes, self.client.encoding)))
    }

    /// The URI of the file at `path`: that under which the client has it open, or that of the file.
    pub fn uri(&self, path: &str) -> Uri {
        let open = self.open_at(path).map(|(uri, _)| uri.clone());
        let named = || self.workspace.as_ref().map(|workspace| workspace.uri(path));
        open.or_else(named).unwrap_or_else(|| Uri(String::new()))
    }

    /// The version of the document at `path`, if it is open.
    pub fn version(&self, path: &str) -> Option<i32> {
        self.open_at(path).map(|(_, open)| open.version)
    }

    fn open_at(&self, path: &str) -> Option<(&Uri, &Document)> {
        let uri = self.open_uris.get(path)?;
        Some((uri, self.documents.get(uri)?))
    }

    /// The path of a document of the workspace below it.
    pub fn document_path(&self, uri: &Uri) -> Option<String> {
        self.path(uri).filter(|path| is_document(path))
    }

    /// The path of a file of the workspace below it.
    pub fn path(&self, uri: &Uri) -> Option<String> {
        let workspace = self.workspace.as_ref()?;
        match self.documents.get(uri) {
            Some(open) => workspace.below(&open.path),
            None => workspace.below(&super::uri::to_path(uri)?),
        }
    }

    /// Lets the next look see the text of an open document.
    pub fn set_text(&mut self, uri: &Uri) {
        let Some(path) = self.document_path(uri) else { return };
        let (Some(document), Some(workspace)) = (self.documents.get(uri), &mut self.workspace) else { return };
        workspace.editor.set_text(&path, Some(document.text.bytes()));
        self.open_uris.insert(path.clone(), uri.clone());
        self.edited.insert(path);
    }

    /// Lets the next look see the file of a document that was closed, or the text under another URI that it is open with.
    pub fn forget_text(&mut self, path: &str) {
        let Some(workspace) = &mut self.workspace else { return };
        workspace.editor.set_text(path, None);
        self.open_uris.remove(path);
        self.edited.insert(path.to_owned());
        let is_other = |uri: &Uri| self.document_path(uri).as_deref() == Some(path);
        if let Some(other) = self.documents.uris().into_iter().find(is_other) {
            self.set_text(&other);
        }
    }

    /// Lets the next look see that these files may have changed.
    pub fn note_changed(&mut self, uris: &[Uri]) {
        self.note_files(ChangedFiles::Paths(uris.iter().filter_map(|uri| self.path(uri)).collect()));
    }

    /// Lets the next look see that files may have changed.
    pub fn note_files(&mut self, changed: ChangedFiles) {
        let Some(workspace) = &mut self.workspace else { return };
        match changed {
            ChangedFiles::Paths(paths) => workspace.editor.note_changed(paths),
            ChangedFiles::Anything => workspace.editor.note_anything_changed(),
        }
    }

    /// Looks for a workspace around a document that was opened, if there is none yet.
    pub fn look_for_workspace_of(&mut self, document: &std::path::Path) {
        if self.workspace.is_some() {
            return;
        }
        match document.parent().and_then(workspace::around) {
            Some(folder) => self.open_workspace(folder),
            None => self.look_for_workspace(),
        }
    }

    /// Looks for the workspace. Says once that there is none.
    fn look_for_workspace(&mut self) {
        match workspace::find(&self.folders) {
            Some(folder) => self.open_workspace(folder),
            None => self.say_that_there_is_none(
                "no workspace here: neither the open folders, nor those above and below them, have assets/.prometeu/index.json",
            ),
        }
    }

    fn open_workspace(&mut self, folder: PathBuf) {
        match Workspace::open(folder.clone()) {
            Ok(workspace) => self.enter(workspace),
            Err(why) => self.say_that_there_is_none(&format!("{}: {why}", folder.display())),
        }
    }

    /// Works in this workspace from now on.
    pub fn enter(&mut self, mut workspace: Workspace) {
        workspace.editor.share(Arc::clone(&self.recent));
        drop(self.found.set(workspace.folder.clone()));
        let queue = Arc::clone(&self.queue);
        let is_registered = self.workspace.is_some();
        if !self.client.watches_files {
            watching::watch(&workspace, move |changed| {
                queue.push(0, Task::Change(Box::new(|desk: &mut Self| desk.note_files(changed))));
            });
        } else if !is_registered {
            watching::register(&self.client, &self.to_client, &workspace);
        }
        self.workspace = Some(workspace);
        self.documents.uris().iter().for_each(|uri| self.set_text(uri));
    }

    fn say_that_there_is_none(&mut self, why: &str) {
        if !std::mem::replace(&mut self.has_said_that_there_is_none, true) {
            let message = format!("papack: {why}; papack init makes a workspace");
            self.to_client.notify("window/showMessage", &ShowMessageParams { kind: MessageType::Warning, message });
        }
    }
}
