//! How the server learns of files that change on the disk: the client watches them, where it can, or else a thread of the
//! server.

use std::ops::ControlFlow;

use gen_lsp_types::{
    BaseUri, DidChangeWatchedFilesRegistrationOptions, FileSystemWatcher, GlobPattern, Registration,
    RegistrationParams, RelativePattern,
};
use papack_engine::{ChangedFiles, watch_files};

use super::client::{Abilities, ToClient};
use super::uri;
use super::workspace::Workspace;

/// The files whose changes matter, relative to the workspace.
const PATTERNS: [&str; 2] = ["assets/**", "papack.toml"];

/// Has a thread call `tell` when files of a workspace change. It ends with the next change when the workspace was dropped.
/// Without a thread for that, changes are seen when they are saved in the client.
pub fn watch(workspace: &Workspace, tell: impl Fn(ChangedFiles) + Send + 'static) {
    let folder = workspace.folder.clone();
    let is_wanted = workspace.token();
    let watch = move || {
        let changed = |changed: ChangedFiles| {
            if is_wanted.strong_count() == 0 {
                return ControlFlow::Break(());
            }
            tell(changed);
            ControlFlow::Continue(())
        };
        // Fails where the workspace was deleted, and its look says so.
        drop(watch_files(&folder, changed));
    };
    drop(std::thread::Builder::new().name("papack watching".into()).spawn(watch));
}

/// Asks the client to tell of files of a workspace that change.
pub fn register(client: &Abilities, to_client: &ToClient, workspace: &Workspace) {
    let watcher = |pattern: &str| FileSystemWatcher {
        glob_pattern: if client.takes_relative_patterns {
            let base_uri = BaseUri::Uri(uri::from_path(&workspace.folder));
            GlobPattern::RelativePattern(RelativePattern { base_uri, pattern: pattern.into() })
        } else {
            GlobPattern::Pattern(format!("**/{pattern}"))
        },
        kind: None,
    };
    let options = DidChangeWatchedFilesRegistrationOptions { watchers: PATTERNS.map(watcher).into() };
    let registration = Registration {
        id: "papack files".into(),
        method: "workspace/didChangeWatchedFiles".into(),
        register_options: serde_json::to_value(options).ok(),
    };
    to_client.request("client/registerCapability", &RegistrationParams { registrations: vec![registration] });
}
