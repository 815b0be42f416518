//! Files that are made from code and kept in the repository, so that a change of theirs is seen in review.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A file that is made from code.
#[derive(Debug)]
pub struct Generated {
    /// Where it lies, from the workspace's root.
    pub path: &'static str,
    /// What must stand in it.
    pub text: String,
}

/// Why the files could not be written, or are not as they should be.
#[derive(Debug, thiserror::Error)]
pub enum CodegenError {
    /// A file differs from what the code says.
    #[error("out of date: {} (run `cargo xtask codegen` and commit the result)", .0.join(", "))]
    Drifted(Vec<&'static str>),
    /// A file could not be written.
    #[error("{0}: {1}")]
    Write(PathBuf, #[source] io::Error),
}

/// All of them.
pub fn generated() -> Vec<Generated> {
    let document = api_actix::openapi(&api_actix::ApiConfig::default());
    let openapi = document.to_pretty_json().expect("a document of strings and lists is JSON") + "\n";
    vec![
        Generated { path: "docs/openapi.json", text: openapi },
        Generated { path: "docs/ERRORS.md", text: api_actix::error_reference_markdown() },
        Generated { path: ".env.example", text: settings::env_example() },
        Generated { path: "docs/SETTINGS.md", text: settings::settings_markdown() },
    ]
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Writes those that differ, and says which.
///
/// # Errors
///
/// [`CodegenError::Write`] names the file.
pub fn write() -> Result<String, CodegenError> {
    let mut said = String::new();
    for file in drifted(&root(), generated()) {
        let path = root().join(file.path);
        let write = || {
            fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
            fs::write(&path, &file.text)
        };
        write().map_err(|error| CodegenError::Write(path.clone(), error))?;
        said = said + "wrote " + file.path + "\n";
    }
    Ok(said)
}

/// Compares them all.
///
/// # Errors
///
/// [`CodegenError::Drifted`] names each that differs or is absent.
pub fn check() -> Result<String, CodegenError> {
    let paths: Vec<_> = drifted(&root(), generated()).iter().map(|file| file.path).collect();
    if paths.is_empty() { Ok(String::new()) } else { Err(CodegenError::Drifted(paths)) }
}

/// Those of `files` that are absent or different under `root`.
pub fn drifted(root: &Path, files: Vec<Generated>) -> Vec<Generated> {
    let same = |file: &Generated| fs::read_to_string(root.join(file.path)).is_ok_and(|text| text == file.text);
    files.into_iter().filter(|file| !same(file)).collect()
}
