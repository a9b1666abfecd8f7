//! `new`: writes manifests where there are none, and registers their assets.

use std::sync::Arc;

use papack_queries::diagnostic::{Code, Diagnostic, Severity, command_word};
use papack_queries::formats::FormatChoice;
use papack_queries::inputs::{IgnoreFile, Ignoring};
use papack_queries::left_out::Rules;
use papack_queries::unmanaged_folders::{loose_files, unmanaged_folders};

use super::change::Change;
use super::documents::{Documents, manifest_path};
use super::editing::Editing;
use super::new_asset::{Failure, NewAsset, Wanted, new_asset};
use super::plan::{Plan, Step, Work};
use super::trial::Trial;
use crate::operation::{Status, Stop};
use crate::workspace::layout::ASSETS;
use crate::workspace::read_ignore_file;

/// What to do when the next pack would refuse a new asset.
#[derive(Clone, Copy, PartialEq, Eq)]
enum IfFaulty {
    /// Make none.
    Refuse,
    /// Warn, and make the others.
    PassOver,
}

impl Editing<'_, '_> {
    /// Plans a manifest in the folder `root` and the registration of its asset, which is named after the root. What
    /// `choice` leaves open is decided by the files.
    pub(super) fn plan_new_asset(
        &mut self,
        root: &str,
        choice: Option<FormatChoice>,
        files: &[String],
    ) -> Result<Plan, Stop> {
        let documents = self.read_documents()?;
        let (ignore_file, rules) = self.expect_ignore_file()?;
        let wanted = Wanted { root: documents.root(root), choice, files: files.to_vec() };
        self.plan_new_assets(documents, &ignore_file, &rules, vec![wanted], IfFaulty::Refuse)
    }

    /// Plans one asset for each folder of pictures or sounds that no asset takes in. Warns of those that cannot become
    /// an asset as they are, and passes them over.
    pub(super) fn plan_all_new_assets(&mut self) -> Result<Plan, Stop> {
        let documents = self.read_documents()?;
        let (ignore_file, rules) = self.expect_ignore_file()?;
        let mut wanted = Vec::new();
        if let Some(warning) = loose_warning(&loose_files(&documents.walk.tree, &rules)) {
            self.operation.report(warning);
        }
        for folder in unmanaged_folders(&documents.walk.tree, documents.registry.entries(), &rules) {
            let choice = Some(FormatChoice::of_kind(folder.kind()));
            match folder.obstacle {
                Some(obstacle) => self.operation.report(Diagnostic { severity: Severity::Warning, ..obstacle }),
                None => wanted.push(Wanted { root: folder.root, choice, files: Vec::new() }),
            }
        }
        self.plan_new_assets(documents, &ignore_file, &rules, wanted, IfFaulty::PassOver)
    }

    /// The ignore file, and its rules. One that cannot be used ends the operation.
    fn expect_ignore_file(&mut self) -> Result<(IgnoreFile, Arc<Rules>), Stop> {
        let fs = Arc::clone(self.session.fs());
        let (ignore_file, _) =
            read_ignore_file(&*fs).map_err(|fault| self.operation.fail(Status::ExecutionFailed, fault))?;
        let Ignoring { rules, fault } = Ignoring::of(&ignore_file);
        match fault {
            None => Ok((ignore_file, rules)),
            Some(fault) => Err(self.operation.refuse(vec![fault])),
        }
    }

    /// Plans all that are `wanted`. What the next pack would refuse is told, and ends the operation here or is passed over,
    /// as `if_faulty` says.
    fn plan_new_assets(
        &mut self,
        mut documents: Documents,
        ignore_file: &IgnoreFile,
        rules: &Rules,
        wanted: Vec<Wanted>,
        if_faulty: IfFaulty,
    ) -> Result<Plan, Stop> {
        // No id is spent on what is not made, so the ids are given again where something is passed over.
        let registry = documents.registry.clone();
        let Parted { mut sound, faulty } = self.part_new_assets(&mut documents, ignore_file, rules, wanted)?;
        if !faulty.is_empty() {
            if if_faulty == IfFaulty::Refuse {
                return Err(self.operation.refuse(faulty.into_iter().flat_map(|faulty| faulty.found).collect()));
            }
            faulty.into_iter().filter_map(Faulty::passed_over).for_each(|warning| self.operation.report(warning));
            documents.registry = registry;
            for (asset, _) in &mut sound {
                let entry = documents.registry.register(&asset.entry.root, asset.entry.asset_uuid);
                asset.entry = entry.map_err(|fault| self.operation.refuse(vec![fault]))?;
            }
        }
        Ok(Plan { steps: creation(&documents, sound), ..Plan::default() })
    }

    /// Tries those that are `wanted`, and registers them in `documents`. Tells what is to be said of the sound ones.
    fn part_new_assets(
        &mut self,
        documents: &mut Documents,
        ignore_file: &IgnoreFile,
        rules: &Rules,
        wanted: Vec<Wanted>,
    ) -> Result<Parted, Stop> {
        let fs = Arc::clone(self.session.fs());
        // A copy, because registering changes the documents.
        let tree = documents.walk.tree.clone();
        let index = tree.index();
        let (mut assets, mut sound, mut faulty) = (Vec::new(), Vec::new(), Vec::new());
        for wanted in wanted {
            self.operation.check_cancelled()?;
            let root = wanted.root.clone();
            match new_asset(&*fs, documents, &index, rules, wanted) {
                Ok(asset) => assets.push(asset),
                Err(Failure::Refused(found)) => faulty.push(Faulty { root, found }),
                Err(Failure::Failed(fault)) => return Err(self.operation.fail(Status::ExecutionFailed, fault)),
            }
        }
        let trials = self.try_out(documents, ignore_file, &assets)?;
        for (asset, Trial { file_count, found }) in assets.into_iter().zip(trials) {
            if found.iter().any(Diagnostic::is_error) {
                faulty.push(Faulty { root: asset.entry.root.to_string(), found });
            } else {
                found.into_iter().for_each(|found| self.operation.report(found));
                sound.push((asset, file_count));
            }
        }
        faulty.sort_by(|one, other| one.root.cmp(&other.root));
        Ok(Parted { sound, faulty })
    }
}

/// The steps that make `assets`, which are registered in `documents`: their manifests, then the registry.
fn creation(documents: &Documents, assets: Vec<(NewAsset, usize)>) -> Vec<Step> {
    let registered: Vec<_> = assets.iter().map(|(asset, _)| Change::registered(&asset.entry)).collect();
    let manifest = |(asset, file_count): (NewAsset, usize)| {
        let path = manifest_path(&asset.entry.root);
        let created = Change::ManifestCreated {
            path: path.to_string(),
            format: asset.format.name(),
            artifacts: asset.artifacts,
            file_count,
        };
        let content = asset.text.into_bytes().into();
        Step { work: Work::Create { path, content }, changes: vec![created] }
    };
    let mut steps: Vec<_> = assets.into_iter().map(manifest).collect();
    if !steps.is_empty() {
        steps.push(documents.write_registry(registered));
    }
    steps
}

/// The warning that `files` lie directly in `assets/`.
fn loose_warning(files: &[String]) -> Option<Diagnostic> {
    let first = files.first()?;
    let message = match files.len() {
        1 => "no asset is made of this file: it lies directly in assets/".to_owned(),
        count => {
            format!("no asset is made of {count} pictures and sounds that lie directly in assets/; this is the first")
        }
    };
    let help = format!("put what belongs together into a folder below {ASSETS}/, which becomes an asset");
    Some(Diagnostic::warning(Code::PathInvalid, message).at(format!("{ASSETS}/{first}")).with_help(help))
}

/// What is wanted, in two parts.
struct Parted {
    /// What the next pack would take, with the number of files of each.
    sound: Vec<(NewAsset, usize)>,
    /// What it would refuse, by root.
    faulty: Vec<Faulty>,
}

/// A folder of which no asset can be made.
struct Faulty {
    root: String,
    /// What is wrong, and what else was found.
    found: Vec<Diagnostic>,
}

impl Faulty {
    /// The warning that it is passed over, by the first of its errors.
    fn passed_over(self) -> Option<Diagnostic> {
        let Self { root, found } = self;
        let mut errors = found.into_iter().filter(Diagnostic::is_error);
        let first = errors.next()?;
        let others = match errors.count() {
            0 => String::new(),
            1 => ", and 1 more error".to_owned(),
            count => format!(", and {count} more errors"),
        };
        let message = format!("no asset is made of the folder {root:?}: {}{others}", first.message);
        let command = format!("papack new {}", command_word(&root));
        let help = if first.code == Code::AssetNameTaken {
            format!("rename the folder, or give the other asset another name; {command} says which")
        } else {
            format!("mend its files, or name those to take; {command} says all that is wrong")
        };
        let path = first.path.unwrap_or_else(|| format!("{ASSETS}/{root}"));
        // Neither its id nor that of another new asset is spent.
        Some(Diagnostic::warning(first.code, message).at(path).with_help(help))
    }
}
