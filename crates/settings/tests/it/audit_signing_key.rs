use std::fs;
use std::os::unix::fs::PermissionsExt;

use secrecy::{ExposeSecret, SecretBox};

use crate::place::{Place, place};
use crate::secrets::{AUDIT_KEY, KEY};

fn bytes(keys: &[SecretBox<[u8; 32]>]) -> Vec<[u8; 32]> {
    keys.iter().map(|key| *key.expose_secret()).collect()
}

fn in_data(place: Place) -> Place {
    let directory = place.directory.path().join("data").display().to_string();
    place.env("DATA_DIR", &directory)
}

#[test]
fn a_missing_key_is_made_once_for_the_owner_only_and_is_not_the_one_that_seals() {
    let place = in_data(place());
    let settings = place.settings();
    let made = settings.audit_signing_key().unwrap();
    assert_eq!(made.expose_secret(), settings.audit_signing_key().unwrap().expose_secret());
    assert_ne!(made.expose_secret(), settings.encryption_key().unwrap().expose_secret());

    let file = settings.data_dir.join("audit_signing.key");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(file).unwrap();
    let set = place.env("AUDIT_SIGNING_KEY", text.trim()).settings();
    assert_eq!(set.audit_signing_key().unwrap().expose_secret(), made.expose_secret(), "the file may be set");
}

#[test]
fn a_file_without_a_key_is_refused_and_left_alone() {
    let place = in_data(place());
    let settings = place.settings();
    let file = settings.data_dir.join("audit_signing.key");
    fs::create_dir(&settings.data_dir).unwrap();
    fs::write(&file, "no key\n").unwrap();
    let line = settings.audit_signing_key().unwrap_err().to_string();
    assert!(line.starts_with("AUDIT_SIGNING_KEY: ") && line.contains("audit_signing.key holds no key"), "{line}");
    assert_eq!(fs::read_to_string(file).unwrap(), "no key\n");
}

#[test]
fn there_may_be_any_number_of_earlier_keys() {
    let none = place().settings();
    assert!(none.previous_encryption_keys().is_empty() && none.previous_audit_signing_keys().is_empty());

    let both = format!(" {KEY}, {AUDIT_KEY},");
    for place in [
        place().env("ENCRYPTION_KEY_PREVIOUS", &both).env("AUDIT_SIGNING_KEY_PREVIOUS", &both),
        place()
            .with_file("keys", &format!("{KEY},{AUDIT_KEY}\n"))
            .env("ENCRYPTION_KEY_PREVIOUS_FILE", "keys")
            .env("AUDIT_SIGNING_KEY_PREVIOUS_FILE", "keys"),
        place().toml(&format!(
            "encryption_key_previous = ['{KEY}', '{AUDIT_KEY}']\naudit_signing_key_previous = '{KEY},{AUDIT_KEY}'"
        )),
    ] {
        let settings = place.env("ENCRYPTION_KEY", KEY).env("AUDIT_SIGNING_KEY", AUDIT_KEY).settings();
        let expected = [
            *settings.encryption_key().unwrap().expose_secret(),
            *settings.audit_signing_key().unwrap().expose_secret(),
        ];
        assert_eq!(bytes(&settings.previous_encryption_keys()), expected);
        assert_eq!(bytes(&settings.previous_audit_signing_keys()), expected);
    }
}

#[test]
fn one_wrong_key_among_the_earlier_ones_is_refused_unseen() {
    insta::assert_snapshot!(
        place().env("ENCRYPTION_KEY_PREVIOUS", &format!("{KEY},hunter2")).refusal(),
        @"ENCRYPTION_KEY_PREVIOUS: the value is not a key; use keys of 32 random bytes in base64, between commas"
    );
}
