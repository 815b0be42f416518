//! Our own columns, in CSV and in NDJSON.

use domain::input::Change;
use domain::values::{ExternalId, Locale, Metadata, PersonName, Role};
use user_files::{ColumnMap, ImportFormat, ReadOptions};

use super::{hash, read, reasons, records, text, user};

#[test]
fn a_csv_is_read_column_by_column() {
    let records = records(ImportFormat::Csv, include_bytes!("fixtures/users.csv"));
    let ann = user(&records[0]);
    assert_eq!((ann.username.as_str(), ann.email.as_str()), ("ann", "ann@example.org"));
    assert_eq!(hash(ann), Some("$2b$04$ebK/1.ND/.U5wVFYfzchP.r2N.7w4M7LV.OEo4j3o4TB0KZ3rQBQ6"));
    assert_eq!(text(&ann.full_name, PersonName::as_str), Some("Dr. Ann Archer"));
    assert_eq!((ann.role, ann.is_active), (Some(Role::Admin), Some(true)));
    assert_eq!(ann.created_at.unwrap().to_rfc3339(), "2024-02-03T04:05:06+00:00");
    assert_eq!(ann.uuid.unwrap().to_string(), "0198a5b0-7c1e-7000-8000-000000000001");
    assert_eq!(text(&ann.external_id, ExternalId::as_str), Some("hr-1"));
    assert_eq!(text(&ann.locale, Locale::as_str), Some("en-GB"));
    assert_eq!(text(&ann.user_metadata, Metadata::as_json), Some(r#"{"theme":"dark"}"#));
    assert_eq!((ann.email_verified, ann.must_change_password), (None, None));
}

#[test]
fn an_empty_cell_says_that_there_is_nothing() {
    let records = records(ImportFormat::Csv, include_bytes!("fixtures/users.csv"));
    let bob = user(&records[1]);
    assert_eq!((&bob.full_name, &bob.external_id), (&Change::Clear, &Change::Clear));
    assert!(bob.credential.is_none() && bob.role.is_none() && bob.uuid.is_none());
    assert_eq!(text(&bob.first_name, PersonName::as_str), Some("Bob, the"));
    assert_eq!(text(&bob.last_name, PersonName::as_str), Some("=cmd|calc"));
    assert_eq!(bob.is_active, Some(false));
}

#[test]
fn every_reason_is_given_with_the_line() {
    let records = records(ImportFormat::Csv, include_bytes!("fixtures/users.csv"));
    assert_eq!((records[2].number, records[2].line, reasons(&records[2])), (3, 5, vec!["/email invalid_email".into()]));
    assert_eq!((records[3].number, records[3].line), (4, 6));
    assert_eq!(reasons(&records[3]), ["/full_name control_character", "/is_active wrong_type", "/role invalid_role"]);
    assert_eq!(records[2].text.as_str(), "carol,carol@example,,,,,,,,,,,,");
}

#[test]
fn a_row_of_another_width_is_rejected_alone() {
    let records = records(ImportFormat::Csv, b"username,email\nann\nbob,bob@example.org\ncat,cat@example.org,x\n");
    assert_eq!(reasons(&records[0]), [" wrong_number_of_cells"]);
    assert_eq!(user(&records[1]).username.as_str(), "bob");
    assert_eq!(reasons(&records[2]), [" wrong_number_of_cells"]);
}

#[test]
fn columns_may_go_by_other_names() {
    let mut columns = ColumnMap::default();
    for mapping in ["username=Login", "email=E-Mail", "-=Notes"] {
        columns.add(mapping).unwrap();
    }
    let options = ReadOptions { columns, ..ReadOptions::new(ImportFormat::Csv) };
    let records = read(options, b"Login;E-Mail;Notes\nann;ann@example.org;\"a;b\"\n").unwrap();
    assert_eq!(user(&records[0]).email.as_str(), "ann@example.org");
}

#[test]
fn passwords_and_hashes_are_taken_as_they_are() {
    let file = "username,email,password\nann,ann@example.org,'=correct horse\nbob,bob@example.org, two spaces \n";
    let records = records(ImportFormat::Csv, file.as_bytes());
    assert_eq!(hash(user(&records[0])), Some("'=correct horse"));
    assert_eq!(hash(user(&records[1])), Some(" two spaces "));
}

#[test]
fn an_empty_name_in_quotes_is_a_name() {
    let records = records(ImportFormat::Csv, b"username,email,first_name,role\nann,ann@example.org,\"\",\"\"\n");
    let ann = user(&records[0]);
    assert_eq!(ann.first_name, Change::Set(PersonName::from_stored(String::new())));
    assert_eq!(ann.role, None);
}

#[test]
fn ndjson_is_read_as_requests_are() {
    let records = records(ImportFormat::Ndjson, include_bytes!("fixtures/users.ndjson"));
    let ann = user(&records[0]);
    assert_eq!((ann.role, ann.email_verified), (Some(Role::Admin), Some(true)));
    assert_eq!(ann.external_id, Change::Clear);
    let bob = user(&records[1]);
    assert_eq!((records[1].line, hash(bob), bob.must_change_password), (3, Some("correct horse"), Some(true)));
    assert_eq!(reasons(&records[2]), ["/deleted_at deleted"]);
    assert_eq!(reasons(&records[3]), [" not_an_object"]);
    assert_eq!(reasons(&records[4]), ["/email null_not_allowed", "/user_metadata wrong_type", "/username wrong_type"]);
}

#[test]
fn an_array_in_place_of_lines_is_read_as_well() {
    let file =
        "[\n {\"username\":\"ann\",\n \"email\":\"ann@example.org\"},\n {\"username\":\"bob\",\"email\":\"b\"} ]\n";
    let records = records(ImportFormat::Ndjson, file.as_bytes());
    assert_eq!(records.iter().map(|record| record.line).collect::<Vec<_>>(), [2, 4]);
    assert_eq!(user(&records[0]).username.as_str(), "ann");
    assert_eq!(reasons(&records[1]), ["/email invalid_email"]);
}

#[test]
fn nothing_prints_a_password() {
    let records = records(ImportFormat::Ndjson, include_bytes!("fixtures/users.ndjson"));
    assert!(!format!("{records:?}").contains("horse"));
}
