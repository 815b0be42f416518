use std::fs;
use std::os::unix::fs::PermissionsExt;

use secrecy::ExposeSecret;
use settings::{Environment, Settings};

use crate::place::{Place, place};
use crate::secrets::JWT_SECRET;

/// Settings that keep their data in a directory which is not there yet.
fn settings(place: &Place) -> Settings {
    let mut settings = place.settings();
    settings.data_dir = place.directory.path().join("data");
    settings
}

#[test]
fn a_secret_that_is_set_is_taken_as_it_stands_and_makes_no_file() {
    for text in [JWT_SECRET, "  thirty-two bytes with blanks   "] {
        let place = place().env("JWT_SECRET", text);
        assert_eq!(settings(&place).jwt_secret().unwrap().expose_secret(), text);
        assert!(!place.directory.path().join("data").exists());
    }
}

#[test]
fn thirty_two_bytes_are_enough_however_many_characters_they_are() {
    place().env("JWT_SECRET", &"ä".repeat(16)).load();
    assert!(place().env("JWT_SECRET", &"a".repeat(31)).refusal().starts_with("JWT_SECRET: the value is not a secret"));
}

#[test]
fn a_missing_secret_is_made_once_for_the_owner_only() {
    let place = place();
    let first = settings(&place).jwt_secret().unwrap();
    let second = settings(&place).jwt_secret().unwrap();
    assert_eq!(first.expose_secret(), second.expose_secret());
    assert_eq!(first.expose_secret().len(), 44, "32 bytes in base64");

    let directory = place.directory.path().join("data");
    let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(directory.join("jwt_secret")), 0o600);
    assert_eq!(mode(directory.clone()), 0o700);
    assert_eq!(fs::read_dir(directory).unwrap().count(), 1, "nothing but the secret is left");
}

#[test]
fn what_was_made_may_be_set_instead() {
    let development = place();
    let made = settings(&development).jwt_secret().unwrap();
    let file = fs::read_to_string(development.directory.path().join("data/jwt_secret")).unwrap();
    let moved = place().with_file("moved", &file).env("JWT_SECRET_FILE", "moved").settings().jwt_secret().unwrap();
    assert_eq!(made.expose_secret(), moved.expose_secret());
}

#[test]
fn it_is_another_one_than_the_encryption_key_and_than_elsewhere() {
    let (here, elsewhere) = (place(), place());
    let (here, elsewhere) = (settings(&here), settings(&elsewhere));
    here.encryption_key().unwrap();
    let key = fs::read_to_string(here.data_dir.join("encryption.key")).unwrap();
    let secret = here.jwt_secret().unwrap();
    assert_ne!(secret.expose_secret(), key.trim_end());
    assert_ne!(secret.expose_secret(), elsewhere.jwt_secret().unwrap().expose_secret());
}

#[test]
fn a_spoilt_file_is_refused_and_left_alone() {
    let place = place();
    let settings = settings(&place);
    fs::create_dir_all(&settings.data_dir).unwrap();
    let path = settings.data_dir.join("jwt_secret");
    for spoilt in ["hunter2", "", "\n"] {
        fs::write(&path, spoilt).unwrap();
        assert_eq!(
            settings.jwt_secret().unwrap_err().to_string(),
            format!(
                "JWT_SECRET: {} holds no key; put back the file as it was, set JWT_SECRET, or remove it: with a new one \
                 every access token ends, and refreshing goes on",
                path.display()
            )
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), spoilt);
    }
}

#[test]
fn production_makes_no_secret() {
    let place = place();
    let mut settings = settings(&place);
    settings.environment = Environment::Production;
    assert!(settings.jwt_secret().unwrap_err().to_string().contains("ENVIRONMENT=production: must be set"));
    assert!(!settings.data_dir.exists());
}
