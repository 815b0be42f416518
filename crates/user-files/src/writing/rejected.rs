//! The file of rejected records: as they stood in the file they came from, each with the reasons why.

use domain::violation::FieldViolation;

use super::csv::write_cell;
use super::ndjson::write_text;
use crate::column::REASONS;
use crate::record::RecordText;

/// Writes rejected records so that people can mend them and import the file as it is.
///
/// In CSV the reasons are the first column, in JSON the first member, and every record has a line of its own; both are
/// called `import_errors` and passed over by the next import. The rows hold what the records held, passwords included.
#[derive(Debug, Clone)]
pub struct RejectedRows(Form);

#[derive(Debug, Clone)]
enum Form {
    Csv {
        header: String,
        separator: u8,
    },
    /// Without a header, and with columns that are known by their place: the reasons are the last one.
    CsvOfFirebase,
    Json,
}

impl RejectedRows {
    pub(crate) fn csv(header: String, separator: u8) -> Self {
        Self(Form::Csv { header, separator })
    }

    pub(crate) fn csv_of_firebase() -> Self {
        Self(Form::CsvOfFirebase)
    }

    pub(crate) fn json() -> Self {
        Self(Form::Json)
    }

    /// Appends what the file begins with.
    pub fn header(&self, out: &mut Vec<u8>) {
        if let Form::Csv { header, separator } = &self.0 {
            out.extend_from_slice(REASONS.as_bytes());
            out.push(*separator);
            out.extend_from_slice(header.as_bytes());
            out.extend_from_slice(b"\r\n");
        }
    }

    /// Appends a record with what is wrong with it.
    pub fn row(&self, record: &RecordText, reasons: &[FieldViolation], out: &mut Vec<u8>) {
        let reasons = sentence(reasons);
        let record = record.as_str();
        match &self.0 {
            Form::Csv { separator, .. } => {
                write_cell(&reasons, *separator, out);
                out.push(*separator);
                out.extend_from_slice(record.as_bytes());
                out.extend_from_slice(b"\r\n");
            }
            Form::CsvOfFirebase => {
                out.extend_from_slice(record.as_bytes());
                if !record.ends_with(',') {
                    out.push(b',');
                }
                write_cell(&reasons, b',', out);
                out.extend_from_slice(b"\r\n");
            }
            Form::Json => {
                out.extend_from_slice(b"{\"");
                out.extend_from_slice(REASONS.as_bytes());
                out.extend_from_slice(b"\":");
                write_text(&reasons, out);
                match record.strip_prefix('{').map(without_reasons) {
                    Some("}") => out.push(b'}'),
                    Some(members) => append_line(",", members, out),
                    None => append_line(",\"record\":", &format!("{record}}}"), out),
                }
                out.push(b'\n');
            }
        }
    }
}

fn sentence(reasons: &[FieldViolation]) -> String {
    let one = |reason: &FieldViolation| match reason.pointer.as_str() {
        "" => reason.violation.to_string(),
        _ => reason.to_string(),
    };
    reasons.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// The members without the reasons of an earlier import, which stand first.
fn without_reasons(members: &str) -> &str {
    let members = members.trim_start();
    let Some(value) = members.strip_prefix("\"import_errors\":") else { return members };
    let end = crate::reading::json_scan::string_end(value.as_bytes()).filter(|_| value.starts_with('"'));
    let rest = end.and_then(|end| value.get(end..)).unwrap_or(members);
    rest.trim_start_matches(',')
}

/// Appends JSON without its line feeds: inside of texts it has none.
fn append_line(before: &str, json: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(before.as_bytes());
    out.extend(json.bytes().map(|byte| if matches!(byte, b'\n' | b'\r') { b' ' } else { byte }));
}

#[cfg(test)]
mod tests {
    use domain::violation::Violation;

    use super::*;

    fn written(rows: &RejectedRows, record: &str) -> String {
        let reasons = [
            Violation::new("too_short", "It is \"too\" short").at("/email"),
            Violation::new("not_an_object", "A record is a JSON object").at(""),
        ];
        let mut out = Vec::new();
        rows.header(&mut out);
        rows.row(&RecordText(record.to_owned()), &reasons, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn reasons_come_first_in_csv() {
        let rows = RejectedRows::csv("username;email".to_owned(), b';');
        let expected = "import_errors;username;email\r\n\
            \"/email: It is \"\"too\"\" short; A record is a JSON object\";ann;\"x\ny\"\r\n";
        assert_eq!(written(&rows, "ann;\"x\ny\""), expected);
    }

    #[test]
    fn reasons_come_first_in_json() {
        let reasons = r#"{"import_errors":"/email: It is \"too\" short; A record is a JSON object""#;
        let line = |record: &str| written(&RejectedRows::json(), record);
        assert_eq!(line("{\n  \"a\": 1\n}"), format!("{reasons},\"a\": 1 }}\n"));
        assert_eq!(line("{}"), format!("{reasons}}}\n"));
        assert_eq!(line("[1]"), format!("{reasons},\"record\":[1]}}\n"));
        assert_eq!(line(r#"{"import_errors":"old \" one","a":1}"#), format!("{reasons},\"a\":1}}\n"));
        assert_eq!(line(r#"{"import_errors":"old"}"#), format!("{reasons}}}\n"));
    }

    #[test]
    fn reasons_come_last_where_columns_have_their_place() {
        let reasons = "\"/email: It is \"\"too\"\" short; A record is a JSON object\"\r\n";
        assert_eq!(written(&RejectedRows::csv_of_firebase(), "a,b,"), format!("a,b,{reasons}"));
        assert_eq!(written(&RejectedRows::csv_of_firebase(), "a,b"), format!("a,b,{reasons}"));
    }
}
