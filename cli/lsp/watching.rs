//! How the server learns of files that change on the disk: the client watches them, where it can.

use gen_lsp_types::{
    BaseUri, DidChangeWatchedFilesRegistrationOptions, FileSystemWatcher, GlobPattern, Registration,
    RegistrationParams, RelativePattern,
};

use super::client::{Abilities, ToClient};
use super::place::Place;
use super::uri;

/// The files whose changes matter, relative to the workspace.
const PATTERNS: [&str; 2] = ["assets/**", "papack.toml"];

/// Has the client watch the files of a workspace, if it can.
pub fn register(client: &Abilities, to_client: &ToClient, place: &Place) {
    if !client.watches_files {
        return;
    }
    let watcher = |pattern: &str| FileSystemWatcher {
        glob_pattern: if client.takes_relative_patterns {
            let base_uri = BaseUri::Uri(uri::from_path(&place.folder));
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
