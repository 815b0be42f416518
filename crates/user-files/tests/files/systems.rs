//! What other systems dump their users in, hashes included. The hashes in the fixtures were made with Python's hashlib,
//! argon2-cffi, bcrypt and Django from the password `correct horse`; Firebase's is the example of its documents.

use domain::values::{ExternalId, Locale, Metadata, PersonName};
use rstest::rstest;
use user_files::{FirebaseScrypt, ImportFormat, ReadOptions, Record, UserReader};

use super::{hash, read, reasons, records, text, user};

const PBKDF2_SHA256: &str = "$pbkdf2-sha256$1000$..//PIofABEiM0RVZneImQ$g9riCz.5k.0vwkqlyH5uPtNS1bXnOPmlZWj78k2tBUI";
const ARGON2: &str = "$argon2id$v=19$m=7168,t=5,p=1$++//PIofABEiM0RVZneImQ$OmkFiO2GMnFVH+X5gax9LaxigQTwU6YZ5q3/CstNNV4";

fn firebase(file: &[u8]) -> Vec<Record> {
    let signer_key = "jxspr8Ki0RYycVU8zykbdLGjFQ3McFUH0uiiTvC8pVMXAn210wjLNmdZJzxUECKbm0QsEmYUSDzZvpjeJ9WmXA==";
    let scrypt = FirebaseScrypt::new(signer_key, "Bw==", 8, 14).unwrap();
    let options = ReadOptions { firebase: Some(scrypt), ..ReadOptions::new(ImportFormat::Firebase) };
    read(options, file).unwrap()
}

#[test]
fn a_realm_of_keycloak_is_read() {
    let records = records(ImportFormat::Keycloak, include_bytes!("fixtures/keycloak-realm.json"));
    assert_eq!(records.len(), 8);
    let one = user(&records[0]);
    assert_eq!((one.username.as_str(), one.email.as_str()), ("user1", "user1@example.org"));
    assert_eq!(text(&one.external_id, ExternalId::as_str), Some("8d6f7a3c-0000-4000-8000-000000000001"));
    assert_eq!(text(&one.locale, Locale::as_str), Some("de-AT"));
    assert_eq!((one.is_active, one.email_verified, one.must_change_password), (Some(true), Some(true), None));
    assert_eq!(one.created_at.unwrap().timestamp_millis(), 1_700_000_000_001);
    assert_eq!(
        text(&one.app_metadata, Metadata::as_json),
        Some(r#"{"attributes":{"phone":["+49 30 1234"]},"realm_roles":["default-roles-demo"]}"#)
    );
    assert_eq!((one.role, one.uuid), (None, None));
    assert_eq!(user(&records[1]).must_change_password, Some(true));
    assert_eq!((user(&records[2]).is_active, user(&records[2]).email_verified), (Some(false), Some(false)));
    assert_eq!(user(&records[4]).must_change_password, Some(true));
}

#[test]
fn keycloaks_hashes_are_cut_to_what_the_digest_gives() {
    let records = records(ImportFormat::Keycloak, include_bytes!("fixtures/keycloak-realm.json"));
    let expected = [
        Some(PBKDF2_SHA256),
        Some(ARGON2),
        Some("$pbkdf2$1000$..//PIofABEiM0RVZneImQ$aXXu5ayJykIpu0vXQbn5X8tCz64"),
        Some(
            "$pbkdf2-sha512$1000$..//PIofABEiM0RVZneImQ$Ar4VUfFjjX2kf1dYp2uk2wZILiHNJv8J6iuU.WQjnz5Q/ah/pLLequummyX0DfDo\
             A5XniX.5hOWYtxiD3.T/VA",
        ),
        Some("correct horse"),
        Some(PBKDF2_SHA256),
    ];
    let found: Vec<_> = records.iter().take(6).map(|record| hash(user(record))).collect();
    assert_eq!(found, expected);
    assert_eq!(reasons(&records[6]), ["/password_hash unsupported_hash"]);
    assert_eq!(hash(user(&records[7])), None);
}

#[test]
fn an_address_in_place_of_a_username_gives_way_to_the_id() {
    let records = records(ImportFormat::Keycloak, include_bytes!("fixtures/keycloak-realm.json"));
    assert_eq!(user(&records[3]).username.as_str(), "8d6f7a3c-0000-4000-8000-000000000004");
}

#[test]
fn what_is_no_person_is_passed_over() {
    let file = include_bytes!("fixtures/keycloak-realm.json");
    let mut reader = UserReader::open(&file[..], ReadOptions::new(ImportFormat::Keycloak)).unwrap();
    assert_eq!(reader.by_ref().count(), 8);
    assert_eq!((reader.passed_over(), reader.bytes_read()), (1, file.len() as u64));
}

#[test]
fn the_users_that_keycloak_lists_are_read_as_well() {
    let records = records(ImportFormat::Keycloak, include_bytes!("fixtures/keycloak-users.json"));
    assert_eq!(records.iter().map(|record| user(record).username.as_str()).collect::<Vec<_>>(), ["user1", "user9"]);
    let lines =
        "{\"username\":\"ann\",\"email\":\"ann@example.org\"}\n{\"username\":\"bob\",\"email\":\"bob@example.org\"}";
    assert_eq!(super::records(ImportFormat::Keycloak, lines.as_bytes()).len(), 2);
}

#[test]
fn an_export_of_auth0_is_read() {
    let records = records(ImportFormat::Auth0, include_bytes!("fixtures/auth0-export.json"));
    let ann = user(&records[0]);
    assert_eq!(ann.username.as_str(), "5ac8e5cd9e8d6d0f3f5d0a00");
    assert_eq!(text(&ann.external_id, ExternalId::as_str), Some("auth0|5ac8e5cd9e8d6d0f3f5d0a00"));
    assert_eq!(hash(ann), Some("$2b$04$ebK/1.ND/.U5wVFYfzchP.r2N.7w4M7LV.OEo4j3o4TB0KZ3rQBQ6"));
    assert_eq!((ann.email_verified, user(&records[1]).email_verified), (Some(false), Some(true)));
}

#[test]
fn what_auth0_imports_is_read_as_well() {
    let records = records(ImportFormat::Auth0, include_bytes!("fixtures/auth0-import.json"));
    let ann = user(&records[0]);
    assert_eq!((ann.username.as_str(), ann.is_active), ("ann", Some(true)));
    assert_eq!(text(&ann.full_name, PersonName::as_str), Some("Ann B. Archer"));
    assert_eq!(text(&ann.locale, Locale::as_str), Some("en-GB"));
    assert_eq!(text(&ann.user_metadata, Metadata::as_json), Some(r#"{"theme":"dark"}"#));
    assert_eq!(text(&ann.app_metadata, Metadata::as_json), Some(r#"{"plan":"free"}"#));
    assert_eq!(ann.created_at.unwrap().timestamp_millis(), 1_706_933_106_789);
    let bob = user(&records[1]);
    assert_eq!((bob.username.as_str(), bob.is_active), ("103547991597142817347", Some(false)));
    assert!(bob.full_name.is_keep() && bob.credential.is_none());
}

#[test]
fn auth0s_hashes_are_converted_or_named() {
    let records = records(ImportFormat::Auth0, include_bytes!("fixtures/auth0-import.json"));
    let scrypt = "$scrypt$ln=4,r=8,p=1$++//PIofABEiM0RVZneImQ$VNR1H4A2Sg1n5+eB24+tIcWpLGLFxR512sU8XWDQzoJedU8ch+NUdcDeA0Ji\
        X24Ny8mcJK1wfgScnegduQQUYQ";
    assert_eq!(hash(user(&records[0])), Some(scrypt));
    assert_eq!(hash(user(&records[2])), Some(PBKDF2_SHA256));
    assert_eq!(hash(user(&records[3])), Some(ARGON2));
    assert_eq!(reasons(&records[4]), ["/password_hash unsupported_hash"]);
    assert_eq!(hash(user(&records[5])), Some("$2a$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy"));
}

#[rstest]
#[case::json(include_bytes!("fixtures/firebase.json"), "Ann Archer")]
#[case::csv(include_bytes!("fixtures/firebase.csv"), "Ann \"the\" Archer")]
fn what_firebase_exports_is_read(#[case] file: &[u8], #[case] name: &str) {
    let records = firebase(file);
    let ann = user(&records[0]);
    assert_eq!(ann.username.as_str(), "0c1Vw5Z4Q4dW2mRkR8wZq1tJ4Xx1");
    assert_eq!(text(&ann.full_name, PersonName::as_str), Some(name));
    assert_eq!((ann.is_active, ann.email_verified), (Some(true), Some(true)));
    assert_eq!(ann.created_at.unwrap().timestamp_millis(), 1_538_503_080_123);
    assert_eq!(text(&ann.app_metadata, Metadata::as_json), Some(r#"{"admin":true}"#));
    let key_stream = "$firebase-scrypt$ln=14,r=8,p=1$42xEC+ixf3L2lwc$GjH2+Jz+dglLj5NuFkZHgBvZnv8Z8VZE5sdIgEAbIgeXy+ZfSpJL\
        u1A++pZcpx0OhX41mDwvu2Olmp+PnfLfyQ";
    assert_eq!(hash(ann), Some(key_stream));
    let bob = user(&records[1]);
    assert_eq!((hash(bob), bob.is_active), (None, Some(false)));
    assert_eq!(text(&bob.full_name, PersonName::as_str), Some("Bob, the second"));
    assert_eq!(reasons(&records[2]), ["/email required"]);
}

#[test]
fn without_the_projects_parameters_users_with_a_password_are_rejected() {
    let records = records(ImportFormat::Firebase, include_bytes!("fixtures/firebase.json"));
    assert_eq!(reasons(&records[0]), ["/password_hash unsupported_hash"]);
    assert!(records[1].user.is_ok());
}

#[test]
fn what_django_dumps_is_read() {
    let records = records(ImportFormat::Django, include_bytes!("fixtures/django.json"));
    assert_eq!(records.len(), 9);
    let one = user(&records[0]);
    assert_eq!((one.username.as_str(), one.email.as_str()), ("user1", "user1@example.org"));
    assert_eq!(text(&one.external_id, ExternalId::as_str), Some("1"));
    assert_eq!(one.created_at.unwrap().timestamp_millis(), 1_577_934_245_678);
    assert_eq!(one.role, None);
    assert_eq!(
        text(&one.app_metadata, Metadata::as_json),
        Some(r#"{"groups":[1,2],"is_staff":true,"is_superuser":true}"#)
    );
    let eight = user(&records[7]);
    assert_eq!((eight.username.as_str(), eight.is_active), ("user-8", Some(false)));
    assert!(eight.app_metadata.is_keep());
    assert_eq!(user(&records[8]).username.as_str(), "user9");
}

#[test]
fn djangos_hashes_are_kept_as_they_are() {
    let records = records(ImportFormat::Django, include_bytes!("fixtures/django.json"));
    for (number, beginning) in
        ["pbkdf2_sha256$1000$", "pbkdf2_sha1$1000$", "argon2$argon2id$", "bcrypt_sha256$$2b$", "scrypt$16$"]
            .iter()
            .enumerate()
    {
        assert!(hash(user(&records[number])).unwrap().starts_with(beginning), "{beginning}");
    }
    assert_eq!(hash(user(&records[5])), None);
    assert_eq!(reasons(&records[6]), ["/password_hash unsupported_hash"]);
}

#[test]
fn the_verifier_has_the_last_word_on_a_hash() {
    let options =
        ReadOptions { hash_is_readable: |text| !text.starts_with("scrypt$"), ..ReadOptions::new(ImportFormat::Django) };
    let records = read(options, include_bytes!("fixtures/django.json")).unwrap();
    assert!(records[0].user.is_ok());
    assert_eq!(reasons(&records[4]), ["/password_hash unsupported_hash"]);
}

#[test]
fn a_member_of_another_type_rejects_its_record_alone() {
    let file = r#"[{"username":"ann","email":"ann@example.org","enabled":"hunter2"},{"username":"bob","email":"bob@example.org"}]"#;
    let records = records(ImportFormat::Keycloak, file.as_bytes());
    assert_eq!(reasons(&records[0]), [" wrong_type"]);
    assert!(!format!("{:?}", records[0].user).contains("hunter2"));
    assert!(records[1].user.is_ok());
}

#[rstest]
#[case("users.csv", include_bytes!("fixtures/users.csv"), ImportFormat::Csv)]
#[case("users.ndjson", include_bytes!("fixtures/users.ndjson"), ImportFormat::Ndjson)]
#[case("realm.json", include_bytes!("fixtures/keycloak-realm.json"), ImportFormat::Keycloak)]
#[case("users.json", include_bytes!("fixtures/keycloak-users.json"), ImportFormat::Keycloak)]
#[case("export.json", include_bytes!("fixtures/auth0-export.json"), ImportFormat::Auth0)]
#[case("import.json", include_bytes!("fixtures/auth0-import.json"), ImportFormat::Auth0)]
#[case("users.json", include_bytes!("fixtures/firebase.json"), ImportFormat::Firebase)]
#[case("dump.json", include_bytes!("fixtures/django.json"), ImportFormat::Django)]
fn a_format_is_known_by_its_file(#[case] name: &str, #[case] file: &[u8], #[case] format: ImportFormat) {
    let beginning = &file[..file.len().min(ImportFormat::BEGINNING)];
    assert_eq!(ImportFormat::detect(Some(name.as_ref()), beginning), Some(format));
    assert_eq!(format.as_str().parse(), Ok(format));
}
