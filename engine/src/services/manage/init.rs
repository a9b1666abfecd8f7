//! `init`: makes a workspace, empty or with the assets of the demo.

use camino::Utf8Path;
use papack_queries::diagnostic::{Code, Diagnostic};
use papack_queries::schema::REGISTRY_PATH;
use papack_queries::schema::edit::RegistryEdit;

use super::change::Change;
use super::demo;
use super::editing::Editing;
use super::plan::{Plan, Step, Work};
use crate::fs::{FileSystem, NodeKind};
use crate::operation::{Status, Stop};
use crate::publish::recovery;
use crate::workspace::io_failure;
use crate::workspace::layout::{ASSETS, LANE};

/// What version control is to ignore, and the file that lists it.
const IGNORED: &str = "/build/\n/assets/.prometeu/cache/\n/assets/.prometeu/staged/\n";
const IGNORE_FILE: &str = ".gitignore";

impl Editing<'_, '_> {
    /// Ends the operation if there is a workspace already, or anything in the places of the outputs, of the folders or
    /// of the demo. Then makes the folders that the lane needs, unless it is a dry run.
    pub(super) fn prepare_place(&mut self, demo: bool, dry_run: bool, changes: &mut Vec<Change>) -> Result<(), Stop> {
        let fs = self.session.fs().clone();
        let obstacles = recovery::obstacles(self.operation, &*fs)?;
        if !obstacles.is_empty() {
            return Err(self.operation.refuse(obstacles));
        }
        if demo && self.kind(&*fs, ASSETS)? == Some(NodeKind::Folder) {
            self.expect_room_for_demo(&*fs)?;
        }
        let missing = match () {
            () if !self.is_folder(&*fs, ASSETS)? => &[ASSETS, LANE][..],
            () if !self.is_folder(&*fs, LANE)? => &[LANE],
            () => return self.expect_no_workspace(&*fs),
        };
        for folder in missing {
            if !dry_run {
                self.expect_folder(&*fs, folder)?;
            }
            changes.push(Change::FolderCreated { path: (*folder).to_owned() });
        }
        Ok(())
    }

    /// Plans a registry, the assets of the demo if `demo` is set, and a file that lists what version control is to
    /// ignore if there is none.
    pub(super) fn plan_workspace(&mut self, demo: bool) -> Result<Plan, Stop> {
        let fs = self.session.fs().clone();
        // Another process may have made one before this operation entered the lane.
        self.expect_no_workspace(&*fs)?;
        let mut steps = Vec::new();
        if self.kind(&*fs, IGNORE_FILE)?.is_none() {
            let work = Work::Create { path: IGNORE_FILE.into(), content: IGNORED.as_bytes().into() };
            steps.push(Step { work, changes: vec![file_created(IGNORE_FILE)] });
        }
        let (mut registry, mut changes) = (RegistryEdit::default(), vec![file_created(REGISTRY_PATH)]);
        if demo {
            let planned = demo::plan(&mut registry, &mut changes);
            steps.extend(planned.map_err(|fault| self.operation.fail(Status::ExecutionFailed, fault))?);
        }
        // Last, since it makes the folder a workspace.
        let content = registry.to_text().into_bytes().into();
        steps.push(Step { work: Work::Create { path: REGISTRY_PATH.into(), content }, changes });
        Ok(Plan { steps, ..Plan::default() })
    }

    fn expect_room_for_demo(&mut self, fs: &dyn FileSystem) -> Result<(), Stop> {
        let mut faults = Vec::new();
        for folder in demo::top_folders() {
            let path = format!("{ASSETS}/{folder}");
            if self.kind(fs, &path)?.is_some() {
                let fault = Diagnostic::error(Code::PlaceTaken, "something is there already").at(path);
                faults.push(fault.with_help("the demo goes into an empty folder: name another one"));
            }
        }
        if faults.is_empty() { Ok(()) } else { Err(self.operation.refuse(faults)) }
    }

    fn expect_no_workspace(&mut self, fs: &dyn FileSystem) -> Result<(), Stop> {
        match self.kind(fs, REGISTRY_PATH)? {
            None => Ok(()),
            Some(_) => {
                let fault = Diagnostic::error(Code::PlaceTaken, "there is a workspace already").at(REGISTRY_PATH);
                Err(self.operation.refuse(vec![fault]))
            }
        }
    }

    fn kind(&mut self, fs: &dyn FileSystem, path: &str) -> Result<Option<NodeKind>, Stop> {
        fs.kind(Utf8Path::new(path)).map_err(|error| io_failure(self.operation, path, &error))
    }
}

fn file_created(path: &str) -> Change {
    Change::FileCreated { path: path.to_owned() }
}
