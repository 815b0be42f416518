//! What the service keeps in files: whether it can be read, and by nobody else.

use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rustix::fs::{Access, access};
use settings::{DatabaseUrl, Settings};

use super::keys;
use super::report::{Finding, Report};
use crate::bootstrap::INITIAL_PASSWORD_FILE;
use crate::existing_database::file;
use crate::kept_keys::KeptKey;

/// What others may do with a file is none of this.
const OTHERS: u32 = 0o077;
/// The group is left out: platforms give a volume to a group of the service's own.
const WRITTEN_BY_ALL: u32 = 0o002;

pub(super) fn check(settings: &Settings, report: &mut Report) {
    report.add("data directory", directory(&settings.data_dir));
    report.add("encryption key", key(KeptKey::Encryption, settings));
    report.add("audit signing key", key(KeptKey::AuditSigning, settings));
    report.add("token key", keys::check(settings));
    let password = settings.data_dir.join(INITIAL_PASSWORD_FILE);
    if password.exists() {
        let shown = password.display();
        let advice = "sign in, change the password, and remove the file";
        report.add("first password", Finding::Warning(format!("{shown} is still there: {advice}")));
    }
    if let DatabaseUrl::Sqlite(url) = &settings.database_url {
        let path = file(url);
        if let Ok(kept) = fs::metadata(&path) {
            report.add("database file", private(&path, &kept));
        }
    }
}

fn directory(path: &Path) -> Finding {
    let shown = path.display();
    match fs::metadata(path) {
        Ok(found) if !found.is_dir() => Finding::Problem(format!("{shown} is no directory; set DATA_DIR to one")),
        Ok(_) if !takes_files(path) => Finding::Problem(format!("{shown} cannot be written; {ELSEWHERE}")),
        Ok(found) if found.permissions().mode() & WRITTEN_BY_ALL != 0 => {
            let mode = found.permissions().mode() & 0o7777;
            let why = "so others may put a key of their own there";
            Finding::Problem(format!("{shown} has mode {mode:04o}, {why}; run chmod o-w {shown}"))
        }
        Ok(_) => Finding::Ok(shown.to_string()),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let parent = nearest(path);
            if takes_files(parent) {
                Finding::Ok(format!("{shown} is not there yet; it is made when it is needed"))
            } else {
                let parent = parent.display();
                Finding::Problem(format!("{shown} is not there, and {parent} cannot be written; {ELSEWHERE}"))
            }
        }
        Err(error) => Finding::Problem(format!("{shown}: {error}")),
    }
}

const ELSEWHERE: &str = "set DATA_DIR to a directory that can be";

/// Whether this user may make files there. The mode alone does not tell: it may be meant for others, or for root.
fn takes_files(directory: &Path) -> bool {
    access(directory, Access::WRITE_OK | Access::EXEC_OK).is_ok()
}

/// What is there of the folders around it.
fn nearest(path: &Path) -> &Path {
    let here = Path::new(".");
    let named = path.ancestors().skip(1).filter(|folder| !folder.as_os_str().is_empty());
    named.chain([here]).find(|folder| folder.exists()).unwrap_or(here)
}

/// Looks at the key, and makes none.
fn key(key: KeptKey, settings: &Settings) -> Finding {
    let path = key.file(settings);
    if key.is_set(settings) {
        return Finding::Ok(format!("set by {}", key.setting()));
    }
    let Ok(found) = fs::metadata(&path) else {
        return Finding::Ok(format!("{} is not there yet; the service makes it at its first start", path.display()));
    };
    match key.read(settings) {
        Ok(_) => private(&path, &found),
        Err(error) => Finding::Problem(error.to_string()),
    }
}

/// Whether nobody else may read the file.
pub(super) fn private(path: &Path, found: &Metadata) -> Finding {
    let (shown, mode) = (path.display(), found.permissions().mode() & 0o7777);
    if mode & OTHERS == 0 {
        return Finding::Ok(format!("{shown}, mode {mode:04o}"));
    }
    Finding::Problem(format!("{shown} has mode {mode:04o}, so others may read it; run chmod 600 {shown}"))
}
