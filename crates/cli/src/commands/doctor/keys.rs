//! What access tokens are signed with.

use std::fs;
use std::path::Path;

use settings::{JwtAlgorithm, Settings};

use super::files::private;
use super::report::Finding;
use crate::compose::access_tokens;

/// Looks at the keys, and makes none.
pub(super) fn check(settings: &Settings) -> Finding {
    match settings.jwt_algorithm {
        JwtAlgorithm::Hs256 => secret(settings),
        JwtAlgorithm::EdDsa | JwtAlgorithm::Es256 => match access_tokens(settings) {
            Err(failure) => Finding::Problem(failure.to_string()),
            Ok(_) => settings.jwt_private_key_file.as_deref().map_or_else(
                || Finding::Problem("JWT_PRIVATE_KEY_FILE is not set".to_owned()),
                |path| kept(path).unwrap_or_else(|| Finding::Problem(format!("{} is not there", path.display()))),
            ),
        },
    }
}

fn secret(settings: &Settings) -> Finding {
    if settings.jwt_secret.is_some() {
        return Finding::Ok("set by JWT_SECRET".to_owned());
    }
    let path = settings.data_dir.join("jwt_secret");
    let Some(finding) = kept(&path) else {
        return Finding::Ok(format!("{} is not there yet; the service makes it at its first start", path.display()));
    };
    match settings.jwt_secret() {
        Ok(_) => finding,
        Err(error) => Finding::Problem(error.to_string()),
    }
}

/// Whether nobody else may read the file; nothing if it is not there.
fn kept(path: &Path) -> Option<Finding> {
    fs::metadata(path).ok().map(|found| private(path, &found))
}
