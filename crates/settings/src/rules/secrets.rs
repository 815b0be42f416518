//! Which secrets must be there, and which are none.

use super::refused;
use secrecy::ExposeSecret as _;

use crate::values::{JwtAlgorithm, JwtSecret, SecretKey};
use crate::{Settings, SettingsError};

pub(super) fn check(settings: &Settings) -> Result<(), SettingsError> {
    check_secrets_are_there(settings)?;
    check_key_files(settings)?;
    if settings.environment.is_production() {
        check_strength(settings)?;
        check_bootstrap(settings)?;
    }
    Ok(())
}

/// Production makes no secrets; says of each that is missing what makes it.
pub(crate) fn check_secrets_are_there(settings: &Settings) -> Result<(), SettingsError> {
    if !settings.environment.is_production() {
        return Ok(());
    }
    let mut missing = Vec::new();
    if settings.encryption_key.is_none() {
        missing.push(("ENCRYPTION_KEY", "to what `openssl rand -base64 32` prints".to_owned()));
    }
    if settings.audit_signing_key.is_none() {
        missing.push(("AUDIT_SIGNING_KEY", "to what `openssl rand -base64 32` prints".to_owned()));
    }
    match settings.jwt_algorithm.command_for_key_file() {
        None if settings.jwt_secret.is_none() => {
            missing.push(("JWT_SECRET", "to what `openssl rand -base64 32` prints".to_owned()));
        }
        Some(command) if settings.jwt_private_key_file.is_none() => {
            missing.push(("JWT_PRIVATE_KEY_FILE", format!("to a file that `{command}` makes")));
        }
        None | Some(_) => {}
    }
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = missing.iter().map(|(name, _)| *name).collect();
    let remedies: Vec<_> = missing.iter().map(|(name, remedy)| format!("{name} {remedy}")).collect();
    Err(refused(
        &format!("{} with ENVIRONMENT=production", listed(&names)),
        format!("must be set; set {}", remedies.join(", and ")),
    ))
}

/// `A`, `A and B`, `A, B and C`.
fn listed(names: &[&str]) -> String {
    match names {
        [before @ .., last] if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => names.concat(),
    }
}

/// The files are read already here, so that `config check` finds what the start would.
fn check_key_files(settings: &Settings) -> Result<(), SettingsError> {
    if settings.jwt_algorithm != JwtAlgorithm::Hs256 {
        return settings.jwt_keys().map(|_| ());
    }
    let name = match (&settings.jwt_private_key_file, &*settings.jwt_previous_key_files) {
        (None, []) => return Ok(()),
        (Some(_), _) => "JWT_PRIVATE_KEY_FILE",
        (None, _) => "JWT_PREVIOUS_KEY_FILES",
    };
    Err(refused(
        &format!("{name} with JWT_ALGORITHM=HS256"),
        format!("HS256 signs with JWT_SECRET; set JWT_ALGORITHM=EdDSA or JWT_ALGORITHM=ES256, or leave out {name}"),
    ))
}

/// An algorithm that needs a key file has none.
pub(crate) fn no_private_key(settings: &Settings) -> SettingsError {
    let command = settings.jwt_algorithm.command_for_key_file().unwrap_or_default();
    refused(
        &format!("JWT_PRIVATE_KEY_FILE with JWT_ALGORITHM={}", settings.jwt_algorithm.as_str()),
        format!("must be set; set it to a file that `{command}` makes, or use JWT_ALGORITHM=HS256"),
    )
}

/// Whoever guesses a secret, the previous one too, makes tokens of administrators.
fn check_strength(settings: &Settings) -> Result<(), SettingsError> {
    let remedy = "set it to what `openssl rand -base64 32` prints";
    let keys = [("ENCRYPTION_KEY", &settings.encryption_key), ("AUDIT_SIGNING_KEY", &settings.audit_signing_key)];
    for (name, key) in keys {
        if key.as_ref().is_some_and(SecretKey::is_weak) {
            let name = format!("{name} with ENVIRONMENT=production");
            return Err(refused(&name, format!("the value can be guessed; {remedy}")));
        }
    }
    if let (Some(one), Some(other)) = (&settings.encryption_key, &settings.audit_signing_key)
        && one.is_same(other)
    {
        return Err(same_as("AUDIT_SIGNING_KEY", "ENCRYPTION_KEY", remedy));
    }
    if settings.jwt_algorithm != JwtAlgorithm::Hs256 {
        return Ok(());
    }
    let secrets = [("JWT_SECRET", &settings.jwt_secret), ("JWT_SECRET_PREVIOUS", &settings.jwt_secret_previous)];
    for (name, secret) in secrets {
        if secret.as_ref().is_some_and(JwtSecret::is_weak) {
            let remedy = match name {
                "JWT_SECRET" => remedy,
                _ => "leave it out, and clients refresh their tokens",
            };
            return Err(refused(
                &format!("{name} with ENVIRONMENT=production"),
                format!("the value can be guessed; {remedy}"),
            ));
        }
    }
    let is_jwt_secret =
        |key: &SecretKey| settings.jwt_secret.as_ref().is_some_and(|secret| key.is(secret.secret().expose_secret()));
    for (name, key) in keys {
        if key.as_ref().is_some_and(is_jwt_secret) {
            return Err(same_as("JWT_SECRET", name, remedy));
        }
    }
    Ok(())
}

fn same_as(name: &str, other: &str, remedy: &str) -> SettingsError {
    refused(
        &format!("{name} with ENVIRONMENT=production"),
        format!("the value is that of {other}, and whoever learns one must not know the other; {remedy}"),
    )
}

/// Half an administrator is a mistake; none is fine once there is one in the database.
fn check_bootstrap(settings: &Settings) -> Result<(), SettingsError> {
    let all = [
        ("BOOTSTRAP_ADMIN_USERNAME", settings.bootstrap_admin_username.is_some()),
        ("BOOTSTRAP_ADMIN_EMAIL", settings.bootstrap_admin_email.is_some()),
        ("BOOTSTRAP_ADMIN_PASSWORD", settings.bootstrap_admin_password.is_some()),
    ];
    let (there, missing): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, is_there)| *is_there);
    if there.is_empty() || missing.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = missing.into_iter().map(|(name, _)| name).collect();
    Err(refused(
        &format!("{} with ENVIRONMENT=production", listed(&names)),
        "must be set where the others of BOOTSTRAP_ADMIN_USERNAME, BOOTSTRAP_ADMIN_EMAIL and \
         BOOTSTRAP_ADMIN_PASSWORD are; set all three, or none once there is an administrator",
    ))
}
