//! `init`: an empty workspace.

use camino::Utf8Path;
use papack_queries::diagnostic::{Code, Diagnostic};
use papack_queries::schema::REGISTRY_PATH;
use papack_queries::schema::edit::RegistryEdit;

use super::Change;
use super::apply::{Plan, Step, Work};
use crate::fs::{FileSystem, NodeKind};
use crate::lane::LANE;
use crate::operation::{Operation, Stop};
use crate::output::{BUILD, blocked_places};
use crate::walk::ASSETS;

/// What version control is to leave out, and the file that says so.
const IGNORED: &str = "/build/\n/assets/.prometeu/cache/\n";
const IGNORE_FILE: &str = ".gitignore";

impl Operation<'_> {
    /// Makes sure that there is no workspace yet, and nothing in its way, and then makes the folders without which there is
    /// no lane.
    pub(super) fn prepare_place(&mut self, dry_run: bool, changes: &mut Vec<Change>) -> Result<(), Stop> {
        let fs = self.session.fs.clone();
        let blocked = blocked_places(&*fs).map_err(|error| self.io_failure(BUILD, &error))?;
        if !blocked.is_empty() {
            return Err(self.refuse(blocked));
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

    /// Plans an empty registry, and a file that says what version control is to leave out, unless there is one.
    pub(super) fn plan_workspace(&mut self) -> Result<Plan, Stop> {
        let fs = self.session.fs.clone();
        // Somebody may have been faster.
        self.expect_no_workspace(&*fs)?;
        let mut steps = Vec::new();
        if self.kind(&*fs, IGNORE_FILE)?.is_none() {
            steps.push(create(IGNORE_FILE, IGNORED.to_owned()));
        }
        // Last, since it makes the folder a workspace.
        steps.push(create(REGISTRY_PATH, RegistryEdit::default().to_text()));
        Ok(Plan { steps, left: 0 })
    }

    fn expect_no_workspace(&mut self, fs: &dyn FileSystem) -> Result<(), Stop> {
        match self.kind(fs, REGISTRY_PATH)? {
            None => Ok(()),
            Some(_) => {
                let fault = Diagnostic::error(Code::PlaceTaken, "there is a workspace already").at(REGISTRY_PATH);
                Err(self.refuse(vec![fault]))
            }
        }
    }

    fn kind(&mut self, fs: &dyn FileSystem, path: &str) -> Result<Option<NodeKind>, Stop> {
        fs.kind(Utf8Path::new(path)).map_err(|error| self.io_failure(path, &error))
    }
}

fn create(path: &str, text: String) -> Step {
    let changes = vec![Change::FileCreated { path: path.to_owned() }];
    Step { work: Work::Create { path: path.into(), text }, changes }
}
