//! How the server learns of files that change on the disk: the client watches them, where it can, or else a thread of the
//! server.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use gen_lsp_types::{
    BaseUri, DidChangeWatchedFilesRegistrationOptions, FileSystemWatcher, GlobPattern, Registration,
    RegistrationParams, RelativePattern,
};
use papack_engine::{ChangedFiles, watch_files};

use super::client::{Abilities, ToClient};
use super::queue::{Queue, Task};
use super::uri;
use super::workspace::Workspace;

/// The files whose changes matter, relative to the workspace.
const PATTERNS: [&str; 2] = ["assets/**", "papack.toml"];

/// Has the files of a workspace watched, and their changes put into `queue`.
pub fn begin(client: &Abilities, to_client: &ToClient, queue: &Arc<Queue>, workspace: &Workspace) {
    if client.watches_files {
        register(client, to_client, workspace);
    } else {
        watch(Arc::clone(queue), workspace.folder.clone());
    }
}

/// Watches the files in the folder of a workspace. Without a thread for that, changes are seen when they are saved in the
/// client.
fn watch(queue: Arc<Queue>, folder: PathBuf) {
    let watch = move || {
        let tell = |changed: ChangedFiles| {
            queue.push(0, Task::Change(Box::new(|desk| desk.note_files(changed))));
            ControlFlow::Continue(())
        };
        // Fails where the workspace was deleted, and its look says so.
        drop(watch_files(&folder, tell));
    };
    drop(std::thread::Builder::new().name("papack watching".into()).spawn(watch));
}

fn register(client: &Abilities, to_client: &ToClient, workspace: &Workspace) {
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
