//! Rules between settings.

mod secrets;

pub(crate) use secrets::{check_secrets_are_there, no_private_key};

use crate::{Cache, CorsOrigin, DatabaseUrl, Settings, SettingsError, values};

/// Refuses values that are fine alone and wrong together.
pub(crate) fn check(settings: &Settings) -> Result<(), SettingsError> {
    values::check_mounts(&settings.api_base_paths).map_err(|reason| refused("API_BASE_PATHS", reason))?;
    check_read_replica(settings)?;
    check_authentication(settings)?;
    check_origins(settings)?;
    check_lifetimes(settings)?;
    check_proxies(settings)?;
    check_cache(settings)?;
    secrets::check(settings)
}

/// Only a server has copies that it keeps up to date, and they are of its own kind.
fn check_read_replica(settings: &Settings) -> Result<(), SettingsError> {
    match (&settings.database_read_url, &settings.database_url) {
        (None, _)
        | (Some(DatabaseUrl::MySql(_)), DatabaseUrl::MySql(_))
        | (Some(DatabaseUrl::Postgres(_)), DatabaseUrl::Postgres(_)) => Ok(()),
        (Some(copy), database) => Err(refused(
            "DATABASE_READ_URL",
            format!(
                "{copy} is no replica of {database}: only MySQL, MariaDB and PostgreSQL have replicas, of their own kind"
            ),
        )),
    }
}

fn check_authentication(settings: &Settings) -> Result<(), SettingsError> {
    if settings.auth_required || settings.allow_insecure {
        return Ok(());
    }
    let instead = "set AUTH_REQUIRED=true, or ALLOW_INSECURE=true if something in front decides who may call it";
    if settings.environment.is_production() {
        return Err(refused(
            "AUTH_REQUIRED=false with ENVIRONMENT=production",
            format!("every caller would be an administrator; {instead}"),
        ));
    }
    if !settings.listens_on_loopback() {
        return Err(refused(
            &format!("AUTH_REQUIRED=false with HOST={}", settings.host),
            format!("every caller on the network would be an administrator; use HOST=127.0.0.1, {instead}"),
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
    // With authentication a page needs a token, and browsers send none by themselves as they would a cookie.
    if !settings.auth_required && !settings.allow_insecure {
        return Err(refused(
            "CORS_ORIGINS=* with AUTH_REQUIRED=false",
            "every web page would be an administrator; list the origins, or set AUTH_REQUIRED=true, or \
             ALLOW_INSECURE=true",
        ));
    }
    Ok(())
}

/// A client that is believed about its own address has as many tries as it names addresses.
fn check_proxies(settings: &Settings) -> Result<(), SettingsError> {
    let everybody = settings.trusted_proxies.iter().find(|network| network.prefix_len() == 0);
    match everybody.filter(|_| settings.environment.is_production() && !settings.allow_insecure) {
        None => Ok(()),
        Some(network) => Err(refused(
            &format!("TRUSTED_PROXIES={network} with ENVIRONMENT=production"),
            "every client could choose its own address; list the networks of the proxies in front of this service",
        )),
    }
}

fn check_cache(settings: &Settings) -> Result<(), SettingsError> {
    if settings.cache == Cache::Redis && settings.redis_url.is_none() {
        return Err(refused("CACHE=redis", "it needs REDIS_URL; set that, or use CACHE=memory"));
    }
    Ok(())
}

fn check_lifetimes(settings: &Settings) -> Result<(), SettingsError> {
    if settings.refresh_token_lifetime > settings.access_token_lifetime {
        return Ok(());
    }
    let minutes = settings.access_token_lifetime.as_secs() / 60;
    Err(refused(
        &format!("REFRESH_TOKEN_EXPIRE_MINUTES with ACCESS_TOKEN_EXPIRE_MINUTES={minutes}"),
        format!("a refresh token must outlive the access token; use more than {minutes}, or a shorter access token"),
    ))
}

fn refused(names: &str, reason: impl Into<String>) -> SettingsError {
    SettingsError::Refused { names: names.to_owned(), reason: reason.into() }
}
