//! What was rejected, mended and read again.

use rstest::rstest;
use user_files::{ImportFormat, ReadOptions, UserReader};

use super::user;

/// The file of what is rejected of a file, and how many were not.
fn rejected(format: ImportFormat, file: &str) -> (usize, String) {
    let mut reader = UserReader::open(file.as_bytes(), ReadOptions::new(format)).unwrap();
    let rows = reader.rejected_rows();
    let (mut accepted, mut out) = (0, Vec::new());
    rows.header(&mut out);
    for record in reader.by_ref() {
        let record = record.unwrap();
        match &record.user {
            Ok(_) => accepted += 1,
            Err(reasons) => rows.row(&record.text, reasons, &mut out),
        }
    }
    (accepted, String::from_utf8(out).unwrap())
}

#[rstest]
#[case::csv(
    ImportFormat::Csv,
    "email;username;full_name\r\nann@example;ann;\"a;\"\"b\"\"\"\r\nbob@example.org;bob;Bob\r\n",
    "import_errors;email;username;full_name\r\n/email: An email address looks like name@example.org;ann@example;ann;\"a;\"\"b\"\"\"\r\n"
)]
#[case::ndjson(
    ImportFormat::Ndjson,
    "{\"email\":\"ann@example\",\"username\":\"ann\"}\n{\"email\":\"bob@example.org\",\"username\":\"bob\"}\n",
    "{\"import_errors\":\"/email: An email address looks like name@example.org\",\"email\":\"ann@example\",\"username\":\"ann\"}\n"
)]
#[case::array(
    ImportFormat::Keycloak,
    "{\"users\":[{\n\"email\":\"ann@example\",\n\"username\":\"ann\"},{\"email\":\"bob@example.org\",\"username\":\"bob\"}]}",
    "{\"import_errors\":\"/email: An email address looks like name@example.org\",\"email\":\"ann@example\", \"username\":\"ann\"}\n"
)]
fn a_rejected_record_is_written_mended_and_read(
    #[case] format: ImportFormat,
    #[case] file: &str,
    #[case] expected: &str,
) {
    let (fine, out) = rejected(format, file);
    assert_eq!((fine, out.as_str()), (1, expected));
    assert_eq!(rejected(format, &out), (0, out.clone()), "nothing was mended, so nothing changes");
    let mended = out.replace("ann@example", "ann@example.org");
    let mut again = UserReader::open(mended.as_bytes(), ReadOptions::new(format)).unwrap();
    let record = again.next().unwrap().unwrap();
    assert_eq!(user(&record).email.as_str(), "ann@example.org");
    assert!(again.next().is_none());
}

#[test]
fn rows_of_firebase_are_mended_as_well() {
    let row = |email: &str| format!("uid12345,{email},true{},1538503080000,,,false,,\n", ",".repeat(20));
    let (fine, out) = rejected(ImportFormat::Firebase, &(row("ann@example") + &row("bob@example.org")));
    assert_eq!(fine, 1);
    assert!(out.ends_with(",false,,/email: An email address looks like name@example.org\r\n"), "{out}");
    assert_eq!(rejected(ImportFormat::Firebase, &out.replace("ann@example", "ann@example.org")).0, 1);
}
