//! A working directory with an environment of its own.

use std::fs;

use settings::{Loaded, Settings, Sources};
use tempfile::TempDir;

pub(crate) struct Place {
    pub(crate) directory: TempDir,
    pub(crate) sources: Sources,
}

pub(crate) fn place() -> Place {
    let directory = TempDir::new().expect("a temporary directory can be made");
    let sources = Sources { directory: directory.path().to_owned(), ..Sources::default() };
    Place { directory, sources }
}

impl Place {
    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.sources.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    pub(crate) fn dotenv(self, content: &str) -> Self {
        self.with_file(".env", content)
    }

    /// The file of `--config`.
    pub(crate) fn toml(mut self, content: &str) -> Self {
        self.sources.config_file = Some(self.directory.path().join("config.toml"));
        self.with_file("config.toml", content)
    }

    pub(crate) fn with_file(self, name: &str, content: &str) -> Self {
        fs::write(self.directory.path().join(name), content).expect("the temporary directory is writable");
        self
    }

    pub(crate) fn load(&self) -> Loaded {
        Settings::load(&self.sources).expect("these settings are right")
    }

    pub(crate) fn settings(&self) -> Settings {
        self.load().settings
    }

    /// The one line that the start would print, with the directory left out.
    pub(crate) fn refusal(&self) -> String {
        let line = Settings::load(&self.sources).expect_err("these settings are wrong").to_string();
        assert_eq!(line.lines().count(), 1, "{line:?}");
        line.replace(&format!("{}/", self.directory.path().display()), "")
    }

    /// What `config show` says of a setting: its value and its source.
    pub(crate) fn shown(&self, key: &str) -> (String, String) {
        let shown = self.load().describe().into_iter().find(|shown| shown.key == key).expect("every setting is shown");
        (shown.value, shown.source.replace(&format!("{}/", self.directory.path().display()), ""))
    }
}
