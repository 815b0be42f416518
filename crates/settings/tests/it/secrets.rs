use secrecy::ExposeSecret;

use crate::place::place;

/// 32 bytes of 7.
pub(crate) const KEY: &str = "ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1+f4CBgoM=";

/// As `openssl rand -base64 32` makes it.
pub(crate) const AUDIT_KEY: &str = "NbRaixHpynGx1joEvshhMOevb3GPDe2epOQQmfvvDnA=";

/// Made like that one.
pub(crate) const JWT_SECRET: &str = "mNmPqf2vO9Z4yq0KcUd1hXWbT3uE7aLsRgI8jB5kxzo=";

/// Made like the other one.
pub(crate) const OLD_JWT_SECRET: &str = "3fJvB0aXw8QyZsT6kEoHnC1rLgUiP5dMqWx9tYb2VuE=";

#[test]
fn a_secret_may_come_from_a_file_less_one_newline() {
    for ending in ["", "\n", "\r\n"] {
        let place = place().with_file("key", &format!("{KEY}{ending}")).env("ENCRYPTION_KEY_FILE", "key");
        assert_eq!(
            *place.settings().encryption_key().unwrap().expose_secret(),
            std::array::from_fn(|place| u8::try_from(100 + place).unwrap())
        );
        assert_eq!(place.shown("ENCRYPTION_KEY"), ("[redacted]".into(), "environment (ENCRYPTION_KEY_FILE)".into()));
    }
}

#[test]
fn every_layer_may_name_the_file_and_the_higher_layer_wins() {
    let url = |host: &str| format!("mysql://app@{host}/users\n");
    let place = place().with_file("one", &url("one")).with_file("two", &url("two"));
    let place = place.toml("database_url_file = 'one'");
    assert_eq!(place.settings().database_url.to_string(), "mysql://app@one/users");
    let place = place.dotenv("DATABASE_URL_FILE=two");
    assert_eq!(place.settings().database_url.to_string(), "mysql://app@two/users");
    let place = place.env("DATABASE_URL", "memory:");
    assert_eq!(place.settings().database_url.to_string(), "memory:");
}

#[test]
fn a_secret_and_its_file_in_one_layer_is_once_too_often() {
    insta::assert_snapshot!(
        place().with_file("key", KEY).env("ENCRYPTION_KEY", KEY).env("ENCRYPTION_KEY_FILE", "key").refusal(),
        @"ENCRYPTION_KEY and ENCRYPTION_KEY_FILE: set twice; keep one of the two"
    );
    let dotenv = format!("ENCRYPTION_KEY_FILE=key\nENCRYPTION_KEY={KEY}");
    insta::assert_snapshot!(
        place().with_file("key", KEY).dotenv(&dotenv).refusal(),
        @"ENCRYPTION_KEY and ENCRYPTION_KEY_FILE in .env: set twice; keep one of the two"
    );
}

#[test]
fn a_missing_or_empty_secret_file_is_refused_by_its_name() {
    insta::assert_snapshot!(
        place().env("ENCRYPTION_KEY_FILE", "none").refusal(),
        @"ENCRYPTION_KEY_FILE: cannot read none: No such file or directory (os error 2); name a readable file"
    );
    insta::assert_snapshot!(
        place().with_file("key", "\n").env("ENCRYPTION_KEY_FILE", "key").refusal(),
        @"ENCRYPTION_KEY_FILE: key is empty; put the secret into it"
    );
}

#[test]
fn no_secret_is_shown_anywhere() {
    let place = place()
        .env("ENCRYPTION_KEY", KEY)
        .env("DATABASE_URL", "mysql://app:hunter2@db:3306/users?ssl-mode=required")
        .env("REDIS_URL", "rediss://app:hunter2@cache:6380/1")
        .env("JWT_SECRET", JWT_SECRET)
        .env("JWT_SECRET_PREVIOUS", OLD_JWT_SECRET)
        .env("AUDIT_SIGNING_KEY", AUDIT_KEY)
        .env("ENCRYPTION_KEY_PREVIOUS", &format!("{KEY},{AUDIT_KEY}"))
        .env("AUDIT_SIGNING_KEY_PREVIOUS", KEY)
        .env("BOOTSTRAP_ADMIN_PASSWORD", "hunter2");
    let loaded = place.load();
    let derived = (loaded.settings.jwt_keys().unwrap(), loaded.settings.bootstrap_admin().unwrap());
    let everything = format!("{loaded:?} {:#?} {:?} {derived:?}", loaded.settings, loaded.describe());
    for secret in ["hunter2", "ZGVm", "mNmP", "3fJv", &AUDIT_KEY[..4]] {
        assert!(!everything.contains(secret), "{everything}");
    }
    for key in [
        "ENCRYPTION_KEY",
        "ENCRYPTION_KEY_PREVIOUS",
        "AUDIT_SIGNING_KEY",
        "AUDIT_SIGNING_KEY_PREVIOUS",
        "JWT_SECRET",
        "JWT_SECRET_PREVIOUS",
        "BOOTSTRAP_ADMIN_PASSWORD",
    ] {
        assert_eq!(place.shown(key).0, "[redacted]", "{key}");
    }
    assert_eq!(place.shown("REDIS_URL").0, "rediss://app:[redacted]@cache:6380/1");
    assert_eq!(place.shown("DATABASE_URL").0, "mysql://app:[redacted]@db:3306/users?ssl-mode=required");
}

#[test]
fn a_refused_secret_is_not_shown_either() {
    let urls =
        ["mysql://app:hun#ter2@db/users", "mysql://app:hun/ter2@db/users", "mysql://app:hunter2@/users", "hunter2"];
    for url in urls {
        assert!(!place().env("DATABASE_URL", url).refusal().contains("ter2"), "{url}");
    }
    for name in ["ENCRYPTION_KEY", "ENCRYPTION_KEY_PREVIOUS", "JWT_SECRET", "JWT_SECRET_PREVIOUS", "REDIS_URL"] {
        assert!(!place().env(name, "hunter2").refusal().contains("hunter2"), "{name}");
    }
    for url in ["redis://app:hun#ter2@h", "redis://app:hun/ter2@h", "redis://:hunter2@h/x", "redis://:hunter2@h?a=b"] {
        assert!(!place().env("REDIS_URL", url).refusal().contains("ter2"), "{url}");
    }
    assert!(!place().env("BOOTSTRAP_ADMIN_PASSWORD", "hunter2\0").refusal().contains("hunter2"));
    assert!(!place().dotenv("DATABASE_URL=\"mysql://app:hunter2@db/users").refusal().contains("hunter2"));
    assert!(!place().dotenv("DATABASE_URL=mysql://hunter2 hunter2").refusal().contains("hunter2"));
    assert!(!place().toml("database_url = 'hunter2").refusal().contains("hunter2"));
    assert!(!place().toml("encryption_key = ['hunter2']").refusal().contains("hunter2"));
}
