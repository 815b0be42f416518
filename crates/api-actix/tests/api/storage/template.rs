//! A migrated database that the tests of another process copy.

use std::fs;

use tempfile::TempDir;
use tokio::sync::OnceCell;

use super::RUNTIME;
use super::connected::Connected;
use super::server::{Server, name_for};
use super::variable;

/// How a process is told of its template: by URL.
pub(crate) const TEMPLATE: &str = "API_TEST_TEMPLATE";

/// A migrated database and all copies of it, whose names begin with its own. It must be [cleared](Self::clear).
pub(crate) struct Template {
    pub(crate) url: String,
    home: Home,
}

enum Home {
    Folder(TempDir),
    Server { server: Server, name: String },
}

impl Template {
    /// A file in a folder.
    pub(crate) fn in_a_folder() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}?mode=rwc", folder.path().join("template").display());
        Self::migrated(url, Home::Folder(folder))
    }

    /// A database on the server at this URL.
    pub(crate) fn on_server(url: &str, kind: &str) -> Self {
        let name = name_for(kind);
        let server = RUNTIME.block_on(async {
            let server = Server::at(url).await;
            server.create(&name).await;
            server
        });
        Self::migrated(server.url_of(&name), Home::Server { server, name })
    }

    fn migrated(url: String, home: Home) -> Self {
        RUNTIME.block_on(async {
            let storage = Connected::to(&url).await;
            storage.migrate().await;
            storage.close().await;
        });
        Self { url, home }
    }

    /// Clears it and its copies away.
    pub(crate) fn clear(self) {
        match self.home {
            Home::Folder(folder) => folder.close().unwrap(),
            Home::Server { server, name } => RUNTIME.block_on(server.drop_with_copies(&name)),
        }
    }
}

/// Makes the copy of this number of this process's template, and returns its URL.
pub(super) async fn copy(template: &str, number: u32) -> String {
    if let Some(file) = template.strip_prefix("sqlite://").and_then(|url| url.strip_suffix("?mode=rwc")) {
        let copy = format!("{file}_{number}");
        fs::copy(file, &copy).unwrap();
        return format!("sqlite://{copy}?mode=rwc");
    }
    let (server, name) = server_of(template).await;
    let copy = format!("{name}_{number}");
    server.copy(name, &copy).await;
    server.url_of(&copy)
}

/// Clears a copy away; a file goes with its folder.
pub(super) async fn drop_copy(url: &str) {
    if !url.starts_with("sqlite:") {
        let (server, name) = server_of(url).await;
        server.drop(name).await;
    }
}

/// The template of this process.
pub(super) fn of_this_process() -> Option<String> {
    variable(TEMPLATE)
}

async fn server_of(url: &str) -> (Server, &str) {
    static SERVER: OnceCell<Server> = OnceCell::const_new();
    let (server, name) = url.rsplit_once('/').unwrap();
    (SERVER.get_or_init(|| Server::at(server)).await.clone(), name)
}
