//! Rules between settings.

use crate::{CorsOrigin, Settings, SettingsError, values};

/// Refuses values that are fine alone and wrong together, or not to be had in this version.
pub(crate) fn check(settings: &Settings) -> Result<(), SettingsError> {
    values::check_mounts(&settings.api_base_paths).map_err(|reason| refused("API_BASE_PATHS", reason))?;
    check_authentication(settings)?;
    check_origins(settings)?;
    check_secrets(settings)
}

fn check_authentication(settings: &Settings) -> Result<(), SettingsError> {
    if settings.auth_required {
        return Err(refused(
            "AUTH_REQUIRED",
            "true needs authentication, which this version does not have yet; use false",
        ));
    }
    if settings.allow_insecure {
        return Ok(());
    }
    let instead = "set ALLOW_INSECURE=true if something in front decides who may call it";
    if settings.environment.is_production() {
        return Err(refused(
            "AUTH_REQUIRED=false with ENVIRONMENT=production",
            format!("every caller would be an administrator; {instead}"),
        ));
    }
    if !settings.listens_on_loopback() {
        return Err(refused(
            &format!("AUTH_REQUIRED=false with HOST={}", settings.host),
            format!("every caller on the network would be an administrator; use HOST=127.0.0.1, or {instead}"),
        ));
    }
    Ok(())
}

fn check_origins(settings: &Settings) -> Result<(), SettingsError> {
    if !settings.cors_origins.contains(&CorsOrigin::Any) {
        return Ok(());
    }
    if settings.cors_origins.len() > 1 {
        return Err(refused("CORS_ORIGINS", "* stands for every origin; use it alone, or list the origins"));
    }
    if settings.environment.is_production() {
        return Err(refused("CORS_ORIGINS=* with ENVIRONMENT=production", "list the origins that may call"));
    }
    if !settings.auth_required && !settings.allow_insecure {
        return Err(refused(
            "CORS_ORIGINS=* with AUTH_REQUIRED=false",
            "every web page would be an administrator; list the origins, or set ALLOW_INSECURE=true",
        ));
    }
    Ok(())
}

pub(crate) fn check_secrets(settings: &Settings) -> Result<(), SettingsError> {
    if settings.environment.is_production() && settings.encryption_key.is_none() {
        return Err(refused(
            "ENCRYPTION_KEY with ENVIRONMENT=production",
            "must be set; use 32 random bytes in base64, as `openssl rand -base64 32` makes them",
        ));
    }
    Ok(())
}

fn refused(names: &str, reason: impl Into<String>) -> SettingsError {
    SettingsError::Refused { names: names.to_owned(), reason: reason.into() }
}
