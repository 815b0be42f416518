use std::fs;

use rstest::rstest;
use secrecy::ExposeSecret;
use settings::JwtKeys;

use crate::place::{Place, place};
use crate::secrets::{JWT_SECRET, OLD_JWT_SECRET};

/// A place with a key file, files of earlier keys, and settings that name them.
fn with_files(algorithm: &str, key: &str, previous: &[&str]) -> Place {
    let place = place();
    let file = |name: &str| {
        let path = place.directory.path().join(name);
        fs::write(&path, format!("the key {name}\n")).expect("the temporary directory is writable");
        path.display().to_string()
    };
    let (key, previous) = (file(key), previous.iter().map(|name| file(name)).collect::<Vec<_>>().join(", "));
    let place = place.env("JWT_ALGORITHM", algorithm);
    place.env("JWT_PRIVATE_KEY_FILE", &key).env("JWT_PREVIOUS_KEY_FILES", &previous)
}

#[test]
fn hs256_signs_with_the_secret_and_still_takes_the_one_before() {
    let settings = place().env("JWT_SECRET", JWT_SECRET).settings();
    let JwtKeys::Hs256 { secret, previous: None } = settings.jwt_keys().unwrap() else { panic!("one secret") };
    assert_eq!(secret.expose_secret(), JWT_SECRET);

    let settings = place().env("JWT_SECRET", JWT_SECRET).env("JWT_SECRET_PREVIOUS", OLD_JWT_SECRET).settings();
    let JwtKeys::Hs256 { secret, previous: Some(previous) } = settings.jwt_keys().unwrap() else {
        panic!("two secrets")
    };
    assert_eq!((secret.expose_secret(), previous.expose_secret()), (JWT_SECRET, OLD_JWT_SECRET));
}

#[test]
fn the_other_algorithms_sign_with_a_key_file_and_need_no_secret() {
    let place = with_files("eddsa", "new.pem", &["old.pem", "older.pem"]).env("DATA_DIR", "/nowhere");
    let JwtKeys::EdDsa { private_key, previous } = place.settings().jwt_keys().unwrap() else { panic!("EdDSA") };
    assert_eq!(private_key.text.expose_secret(), "the key new.pem");
    assert_eq!(private_key.path, place.directory.path().join("new.pem"));
    let previous: Vec<_> = previous.iter().map(|file| file.text.expose_secret()).collect();
    assert_eq!(previous, ["the key old.pem", "the key older.pem"]);

    let place = with_files("ES256", "new.pem", &[]);
    let JwtKeys::Es256 { private_key, previous } = place.settings().jwt_keys().unwrap() else { panic!("ES256") };
    assert_eq!((private_key.text.expose_secret(), previous.len()), ("the key new.pem", 0));
}

#[test]
fn production_with_a_key_file_needs_no_secret() {
    let place = with_files("EdDSA", "new.pem", &[]).env("ENVIRONMENT", "production");
    place.env("ENCRYPTION_KEY", crate::secrets::KEY).env("AUDIT_SIGNING_KEY", crate::secrets::AUDIT_KEY).load();
}

#[test]
fn an_algorithm_without_its_key_file_is_refused_with_the_command_that_makes_one() {
    insta::assert_snapshot!(
        place().env("JWT_ALGORITHM", "EdDSA").refusal(),
        @"JWT_PRIVATE_KEY_FILE with JWT_ALGORITHM=EdDSA: must be set; set it to a file that `openssl genpkey -algorithm ed25519 -out FILE` makes, or use JWT_ALGORITHM=HS256"
    );
    insta::assert_snapshot!(
        place().env("JWT_ALGORITHM", "es256").refusal(),
        @"JWT_PRIVATE_KEY_FILE with JWT_ALGORITHM=ES256: must be set; set it to a file that `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out FILE` makes, or use JWT_ALGORITHM=HS256"
    );
}

#[rstest]
#[case("JWT_PRIVATE_KEY_FILE", "none.pem", "JWT_PRIVATE_KEY_FILE: cannot read none.pem: ")]
#[case("JWT_PREVIOUS_KEY_FILES", "none.pem", "JWT_PREVIOUS_KEY_FILES: cannot read none.pem: ")]
#[case("JWT_PRIVATE_KEY_FILE", "/dev/null", "JWT_PRIVATE_KEY_FILE: /dev/null is empty; ")]
#[case("JWT_PRIVATE_KEY_FILE", "/dev/zero", "JWT_PRIVATE_KEY_FILE: /dev/zero holds more than 64 KiB; ")]
fn a_key_file_that_cannot_be_read_is_found_before_the_start(
    #[case] name: &str,
    #[case] value: &str,
    #[case] beginning: &str,
) {
    let refusal = with_files("EdDSA", "new.pem", &[]).env(name, value).refusal();
    assert!(refusal.starts_with(beginning), "{refusal}");
}

#[test]
fn key_files_that_the_algorithm_does_not_use_are_refused() {
    insta::assert_snapshot!(
        place().env("JWT_PRIVATE_KEY_FILE", "key.pem").refusal(),
        @"JWT_PRIVATE_KEY_FILE with JWT_ALGORITHM=HS256: HS256 signs with JWT_SECRET; set JWT_ALGORITHM=EdDSA or JWT_ALGORITHM=ES256, or leave out JWT_PRIVATE_KEY_FILE"
    );
    assert!(place().env("JWT_PREVIOUS_KEY_FILES", "key.pem").refusal().starts_with("JWT_PREVIOUS_KEY_FILES with "));
}
