//! How an operator gets a password that was made up: from the terminal, once, or from a file. Never from the log.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, IsTerminal as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use domain::user::UserView;
use domain::values::PasswordText;
use tracing::info;

use crate::commands::Failure;

/// Where the password is, in `DATA_DIR`.
pub(crate) const INITIAL_PASSWORD_FILE: &str = "initial_admin_password";

/// A way to hand a password over that is ready.
pub(super) enum HandOver {
    Terminal,
    File(Unfinished),
}

impl HandOver {
    /// Somebody who looks at the terminal is told there; who does not will look for a file.
    pub(super) fn prepare(data_dir: &Path, password: &PasswordText) -> Result<Self, Failure> {
        if io::stderr().is_terminal() {
            return Ok(Self::Terminal);
        }
        let path = data_dir.join(INITIAL_PASSWORD_FILE);
        let written = Unfinished::write(data_dir, &path, password).map_err(|error| {
            let what = format!("the first administrator's password cannot be kept in {}", path.display());
            let instead = "set BOOTSTRAP_ADMIN_PASSWORD, or DATA_DIR to a writable directory";
            Failure::new(format!("{what}: {error}; {instead}"))
        })?;
        Ok(Self::File(written))
    }

    /// Tells the password of the administrator who was made.
    pub(super) fn tell(self, made: &UserView, password: &PasswordText) -> Result<(), Failure> {
        let name = &made.username;
        match self {
            Self::Terminal => {
                info!(user.id = %made.id, "made the first administrator, {name}");
                let text = password.expose();
                let _ = writeln!(io::stderr(), "\n  The password of {name}, shown this once:  {text}\n");
            }
            Self::File(unfinished) => {
                let path = unfinished.path.clone();
                unfinished.finish().map_err(|error| {
                    let what = format!("made the administrator {name}, but {} cannot be written", path.display());
                    Failure::new(format!("{what}: {error}; run `usermgmt users set-password {name}`"))
                })?;
                let path = path.display();
                info!(user.id = %made.id, "made the first administrator, {name}, with the password in {path}");
            }
        }
        Ok(())
    }
}

/// A file with the password, beside the place where it is looked for. It goes away unless it is finished.
pub(super) struct Unfinished {
    path: PathBuf,
    beside: PathBuf,
}

impl Unfinished {
    fn write(directory: &Path, path: &Path, password: &PasswordText) -> io::Result<Self> {
        DirBuilder::new().recursive(true).mode(0o700).create(directory)?;
        // Its own name: several processes that start at once may have one directory.
        let beside = directory.join(format!("{INITIAL_PASSWORD_FILE}.{:016x}.new", fastrand::u64(..)));
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
        let unfinished = Self { path: path.to_owned(), beside };
        writeln!(file, "{}", password.expose())?;
        file.sync_all()?;
        Ok(unfinished)
    }

    fn finish(self) -> io::Result<()> {
        fs::rename(&self.beside, &self.path)?;
        let directory = self.path.parent().unwrap_or(Path::new("."));
        File::open(directory)?.sync_all()
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // Not there any more if it was finished.
        let _ = fs::remove_file(&self.beside);
    }
}
