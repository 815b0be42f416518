//! Which names are settings: as they are written, with an alias, with `_FILE`, in a later version, or not at all.

use crate::table::{Key, keys};

/// What a name in a layer stands for.
pub(crate) enum Meaning {
    /// A setting's value.
    Value(Key),
    /// The file that holds a secret.
    File(Key),
    /// A setting that this version does not have yet.
    Later(&'static str),
    Unknown,
}

/// Settings of the documented product that this version does not have yet.
const LATER: &[&str] = &["TLS_CERT_FILE", "TLS_KEY_FILE"];

/// Docker Compose, the tests and the tracing libraries read the same `.env`.
const OTHERS_IN_DOTENV: &[&str] = &["MYSQL_", "MARIADB_", "POSTGRES_", "COMPOSE_", "DOCKER_", "OTEL_", "RUST_"];

/// What docker-compose.yml reads there beside.
const OF_COMPOSE: &[&str] = &["API_BIND", "API_IMAGE", "API_PORT", "REDIS_IMAGE"];

pub(crate) fn meaning(name: &str) -> Meaning {
    for key in keys() {
        if key.name == name || key.alias == Some(name) {
            return Meaning::Value(key);
        }
        if key.is_secret && name.strip_suffix("_FILE") == Some(key.name) {
            return Meaning::File(key);
        }
    }
    LATER.iter().find(|later| **later == name).map_or(Meaning::Unknown, |later| Meaning::Later(later))
}

/// The setting a variable of the environment has to do with, if any.
pub(crate) fn is_ours(name: &str) -> bool {
    !matches!(meaning(name), Meaning::Unknown)
}

pub(crate) fn belongs_to_others(name: &str) -> bool {
    OTHERS_IN_DOTENV.iter().any(|prefix| name.starts_with(prefix))
        || OF_COMPOSE.contains(&name)
        || (name.starts_with("TEST_") && (name.ends_with("_URL") || name.ends_with("_URLS")))
        || name == "REQUIRE_ALL"
}

/// What to do about a name that is no setting.
pub(crate) fn advice(unknown: &str) -> String {
    let wanted = unknown.to_ascii_uppercase();
    let distance = |name: &str| strsim::damerau_levenshtein(&wanted, name);
    match keys().into_iter().min_by_key(|key| distance(key.name)) {
        // Beyond a third of its letters the nearest name is a guess that misleads.
        Some(key) if distance(key.name) * 3 <= key.name.len() => format!("did you mean {}?", key.name),
        _ => "remove it, or see docs/SETTINGS.md for the settings there are".to_owned(),
    }
}
