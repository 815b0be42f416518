//! Files that are broken: each ends the reading in the line where it is, and says what to do.

use rstest::rstest;
use user_files::{BrokenFile, ColumnMap, ImportFormat, RECORD_LIMIT, ReadOptions, Trouble, UserReader};

use super::read;

/// How many records come before the trouble, and the trouble.
fn broken(format: ImportFormat, file: &[u8]) -> (usize, BrokenFile) {
    let reader = match UserReader::open(file, ReadOptions::new(format)) {
        Ok(reader) => reader,
        Err(error) => return (0, error),
    };
    let mut records = 0;
    for next in reader {
        match next {
            Ok(_) => records += 1,
            Err(error) => return (records, error),
        }
    }
    panic!("the file is not broken");
}

#[track_caller]
fn assert_broken(format: ImportFormat, file: impl AsRef<[u8]>, records: usize, line: u64, trouble: &Trouble) {
    let (found_records, error) = broken(format, file.as_ref());
    let BrokenFile::At { line: found_line, trouble: found } = error else { panic!("it was read until {error}") };
    assert_eq!((found_records, found_line, &found), (records, line, trouble));
}

const HEADER: &str = "username,email,full_name\r\n";
const ANN: &str = "ann,ann@example.org,Ann\r\n";

fn csv(rows: &str) -> String {
    format!("{HEADER}{ANN}{rows}")
}

#[rstest]
#[case::not_closed("bob,b@example.org,\"Bob\r\n\r\nx,y,z\r\n", 3, Trouble::QuoteNotClosed)]
#[case::not_closed_at_the_end("bob,\"b@example.org", 3, Trouble::QuoteNotClosed)]
#[case::behind_the_quote("bob,b@example.org,\"Bob\" Lee\r\n", 3, Trouble::BehindQuote)]
#[case::not_doubled("\"x\r\ny\",b@example.org,\"Bob \"the\" Lee\"\r\n", 4, Trouble::BehindQuote)]
#[case::inside("bob,b@example.org,Bob \"the\" Lee\r\n", 3, Trouble::QuoteInCell)]
#[case::lonely_carriage_return("bob,b@example.org,Bob\rcat,c@example.org,Cat\r", 3, Trouble::CarriageReturn)]
#[case::nul("bob,b@example.org,Bob\0\r\n", 3, Trouble::Nul)]
fn wrong_csv_names_its_line(#[case] rows: &str, #[case] line: u64, #[case] trouble: Trouble) {
    assert_broken(ImportFormat::Csv, csv(rows), 1, line, &trouble);
}

#[test]
fn windows_1252_is_named_and_the_way_out_of_it() {
    let file = [csv("").as_bytes(), b"bob,b@example.org,\"x\r\nM\xfcller\"\r\n"].concat();
    assert_broken(ImportFormat::Csv, &file, 1, 4, &Trouble::Windows1252);
    let said = broken(ImportFormat::Csv, &file).1.to_string();
    assert!(said.starts_with("line 4: ") && said.contains("Windows-1252") && said.contains("iconv"), "{said}");
    let json = [&b"{\"username\":\"ann\",\"email\":\"a@b.c\"}\n{\"full_name\":\"Andr\xe9\"}"[..]].concat();
    assert_broken(ImportFormat::Ndjson, json, 1, 2, &Trouble::Windows1252);
    let header = b"username,email,Stra\xdfe\n";
    assert_broken(ImportFormat::Csv, header, 0, 1, &Trouble::Windows1252);
}

#[rstest]
#[case(&[0xFF, 0xFE])]
#[case(&[])]
fn utf_16_is_named(#[case] mark: &[u8]) {
    let text: Vec<u8> = csv("").encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_broken(ImportFormat::Csv, [mark, &text].concat(), 0, 1, &Trouble::Utf16);
}

#[test]
fn what_is_no_text_is_named() {
    let (_, error) = broken(ImportFormat::Csv, b"PK\x03\x04\x14\0\x06\0");
    assert!(error.to_string().contains("Excel"), "{error}");
    let (_, error) = broken(ImportFormat::Auth0, b"\x1f\x8b\x08\0\0\0\0\0");
    assert!(error.to_string().contains("gunzip"), "{error}");
    let greek_of_old = b"username,email\n\xe1\xed\xe4\xf1\xe5\xe1\xf2,a@example.org\n";
    assert_broken(ImportFormat::Csv, greek_of_old, 0, 2, &Trouble::NotUtf8 { byte: 0xe1 });
}

/// Gives a line without an end, and fails when more of it is asked for than anybody needs.
struct EndlessLine {
    beginning: Vec<u8>,
    given: usize,
}

impl std::io::Read for EndlessLine {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        assert!(self.given < 8 * RECORD_LIMIT, "more is read than has to be known");
        self.given += buffer.len();
        if !self.beginning.is_empty() {
            let count = self.beginning.len().min(buffer.len());
            buffer[..count].copy_from_slice(&self.beginning[..count]);
            self.beginning.drain(..count);
            return Ok(count);
        }
        buffer.fill(b'x');
        Ok(buffer.len())
    }
}

#[rstest]
#[case::header(ImportFormat::Csv, "", 1)]
#[case::cell(ImportFormat::Csv, "username,email\nann,a@example.org\nbob,", 3)]
#[case::quoted_cell(ImportFormat::Csv, "username,email\nann,a@example.org\nbob,\"", 3)]
#[case::json_line(ImportFormat::Ndjson, "{\"username\":\"ann\",\"email\":\"a@b.c\"}\n{\"a\":\"", 2)]
#[case::json_item(ImportFormat::Django, "[\n{\"model\":\"", 2)]
#[case::json_member(ImportFormat::Keycloak, "{\n\n\"", 3)]
fn a_line_without_end_is_not_kept_in_memory(#[case] format: ImportFormat, #[case] beginning: &str, #[case] line: u64) {
    let file = EndlessLine { beginning: beginning.as_bytes().to_vec(), given: 0 };
    let error = UserReader::open(file, ReadOptions::new(format))
        .and_then(|reader| reader.last().expect("there is something").map(|_| ()));
    let BrokenFile::At { line: found, trouble: Trouble::TooLong { .. } } = error.unwrap_err() else {
        panic!("it is too long")
    };
    assert_eq!(found, line);
}

#[test]
fn a_record_just_within_the_limit_is_read() {
    let row = |length: usize| format!("username,email,full_name\nann,a@example.org,{}\n", "x".repeat(length - 18));
    assert_eq!(read(ReadOptions::new(ImportFormat::Csv), row(RECORD_LIMIT).as_bytes()).unwrap().len(), 1);
    assert_broken(ImportFormat::Csv, row(RECORD_LIMIT + 1), 0, 2, &Trouble::TooLong { limit: RECORD_LIMIT });
}

#[test]
fn a_header_has_to_be_there_and_make_sense() {
    assert!(matches!(broken(ImportFormat::Csv, b"").1, BrokenFile::At { line: 1, trouble: Trouble::Empty { .. } }));
    assert!(matches!(
        broken(ImportFormat::Csv, b"ann,ann@example.org\nbob,bob@example.org\n").1,
        BrokenFile::At { line: 1, trouble: Trouble::NoHeader { .. } }
    ));
    let said = broken(ImportFormat::Csv, b"username,email,Vorname\n").1.to_string();
    assert!(said.starts_with("line 1: unknown column: `Vorname` (`--map"), "{said}");
    assert_broken(ImportFormat::Csv, "username,email,EMAIL\n", 0, 1, &Trouble::DuplicateColumn("email".into()));
    assert_broken(ImportFormat::Csv, "\nusername\n", 0, 2, &Trouble::MissingColumn("email"));
}

#[test]
fn a_map_that_maps_nothing_is_refused() {
    let mut columns = ColumnMap::default();
    columns.add("full_name=Name").unwrap();
    let read_as =
        |format| read(ReadOptions { columns: columns.clone(), ..ReadOptions::new(format) }, HEADER.as_bytes());
    let trouble = |format| match read_as(format).unwrap_err() {
        BrokenFile::At { trouble, .. } => trouble,
        BrokenFile::Unreadable(error) => panic!("{error}"),
    };
    assert_eq!(trouble(ImportFormat::Csv), Trouble::UnmappedColumn("Name".into()));
    assert_eq!(trouble(ImportFormat::Keycloak), Trouble::NotMappable);
}

const STRAY: &str = "there is something that cannot stand there";
const CUT: &str = "it ends too early";

#[rstest]
#[case::cut_line(
    ImportFormat::Ndjson,
    "{\"username\":\"ann\",\"email\":\"a@b.c\"}\n{\"username\":\"bo",
    1,
    2,
    CUT,
    Some(15)
)]
#[case::not_json(ImportFormat::Ndjson, "{\"username\":\"ann\"}\n\nusername,email\n", 1, 3, STRAY, Some(1))]
#[case::two_in_a_line(ImportFormat::Ndjson, "{} {}\n", 0, 1, STRAY, Some(4))]
#[case::single_quotes(ImportFormat::Ndjson, "{'username':'ann'}\n", 0, 1, STRAY, Some(2))]
#[case::nan(ImportFormat::Ndjson, "{\"username\":NaN}\n", 0, 1, STRAY, Some(13))]
#[case::behind_a_wrong_type(ImportFormat::Keycloak, "[{\"enabled\":5,\"email\":x}]", 0, 1, STRAY, Some(22))]
#[case::cut_item(ImportFormat::Django, "[\n{\"model\":\"a\",\n\"fields\":{", 0, 3, CUT, None)]
#[case::cut_array(ImportFormat::Django, "[\n{\"model\":\"a\"},\n", 0, 3, CUT, None)]
#[case::no_comma(ImportFormat::Django, "[\n{\"pk\":1}\n{\"pk\":2}]", 0, 3, STRAY, None)]
#[case::last_comma(ImportFormat::Auth0, "[\n{\"email\":\"a\"},\n]", 1, 3, STRAY, None)]
#[case::wrong_bracket(ImportFormat::Auth0, "[\n{\"email\":\"a\"]\n]", 0, 2, STRAY, Some(13))]
#[case::behind_the_array(ImportFormat::Auth0, "[]\n{}", 0, 2, "there is something behind its end", None)]
#[case::no_users(ImportFormat::Keycloak, "{\n\"realm\":\"x\"\n}", 0, 3, "there is no array of users in it", None)]
#[case::cut_wrapper(ImportFormat::Keycloak, "{\"realm\":\"x\",\"users\":[],\n\"clients\":[{", 0, 2, CUT, None)]
#[case::no_colon(ImportFormat::Firebase, "{\"users\"\n[]}", 0, 2, STRAY, None)]
#[case::too_deep(ImportFormat::Ndjson, &"[".repeat(2), 0, 1, CUT, None)]
fn broken_json_names_its_line(
    #[case] format: ImportFormat,
    #[case] file: &str,
    #[case] records: usize,
    #[case] line: u64,
    #[case] problem: &'static str,
    #[case] column: Option<usize>,
) {
    assert_broken(format, file, records, line, &Trouble::Json { problem, column });
}

#[test]
fn json_that_nests_without_end_is_broken() {
    let file = format!("{{\"attributes\":{{\"a\":{}{}}}}}", "[".repeat(100_000), "]".repeat(100_000));
    let said = broken(ImportFormat::Keycloak, file.as_bytes()).1.to_string();
    assert!(said.starts_with("line 1: this is not valid JSON (it nests too deep"), "{said}");
}

#[test]
fn no_error_repeats_a_value() {
    let file = "username,email,password\nann,a@example.org,\"hunter2\"x\n";
    let (_, error) = broken(ImportFormat::Csv, file.as_bytes());
    assert!(!error.to_string().contains("hunter2") && !format!("{error:?}").contains("hunter2"));
}

#[test]
fn nothing_follows_behind_the_trouble() {
    let file = csv("bob,\"b\"x\r\ncat,c@example.org,Cat\r\n");
    let mut reader = UserReader::open(file.as_bytes(), ReadOptions::new(ImportFormat::Csv)).unwrap();
    assert!(reader.next().unwrap().is_ok());
    assert!(reader.next().unwrap().is_err());
    assert!(reader.next().is_none());
}

#[test]
fn a_file_that_cannot_be_read_says_so() {
    struct Gone;
    impl std::io::Read for Gone {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("gone"))
        }
    }
    let error = UserReader::open(Gone, ReadOptions::new(ImportFormat::Csv)).err().unwrap();
    assert!(matches!(error, BrokenFile::Unreadable(_)) && error.line().is_none());
}
