//! Users as CSV (RFC 4180), safe to open in a spreadsheet.

use domain::user::UserView;

use super::{IdFormat, write_number, write_time, write_uuid};
use crate::defused::needs_defusing;

const HEADER: &[u8] =
    b"id,uuid,username,email,full_name,first_name,last_name,role,is_active,email_verified,external_id,\
    locale,user_metadata,app_metadata,suspended_until,created_at,updated_at,last_login_at";

/// Writes users as rows of CSV, with the members of a user's JSON as columns, in their order.
///
/// A cell that a spreadsheet would run as a formula gets an apostrophe before it, which reading takes away again. What is
/// not there is an empty cell, an empty text is `""`. Lines end with CRLF.
#[derive(Debug, Clone, Copy, Default)]
pub struct UserCsv {
    id_format: IdFormat,
    shows_deletion: bool,
}

impl UserCsv {
    /// Without `deleted_at`.
    pub fn new(id_format: IdFormat) -> Self {
        Self { id_format, shows_deletion: false }
    }

    /// With the column `deleted_at`, for whoever asked for deleted users.
    #[must_use]
    pub fn showing_deletion(self, shows_deletion: bool) -> Self {
        Self { shows_deletion, ..self }
    }

    /// Appends the line with the columns' names.
    pub fn header(self, out: &mut Vec<u8>) {
        out.extend_from_slice(HEADER);
        if self.shows_deletion {
            out.extend_from_slice(b",deleted_at");
        }
        out.extend_from_slice(b"\r\n");
    }

    /// Appends a user's line.
    pub fn row(self, user: &UserView, out: &mut Vec<u8>) {
        match self.id_format {
            IdFormat::Integer => write_number(user, out),
            IdFormat::Uuid => write_uuid(user, out),
        }
        out.push(b',');
        write_uuid(user, out);
        next_cell(&user.username, out);
        next_cell(&user.email, out);
        optional(user.displayed_full_name().as_deref(), out);
        optional(user.first_name.as_deref(), out);
        optional(user.last_name.as_deref(), out);
        next_cell(user.role.as_str(), out);
        flag(user.is_active, out);
        flag(user.email_verified, out);
        optional(user.external_id.as_deref(), out);
        optional(user.locale.as_deref(), out);
        next_cell(user.user_metadata.as_json(), out);
        next_cell(user.app_metadata.as_json(), out);
        for time in [user.suspended_until, Some(user.created_at), Some(user.updated_at), user.last_login_at] {
            out.push(b',');
            time.inspect(|time| write_time(*time, out));
        }
        if self.shows_deletion {
            out.push(b',');
            user.deleted_at.inspect(|time| write_time(*time, out));
        }
        out.extend_from_slice(b"\r\n");
    }
}

fn next_cell(text: &str, out: &mut Vec<u8>) {
    out.push(b',');
    write_cell(text, b',', out);
}

fn optional(text: Option<&str>, out: &mut Vec<u8>) {
    match text {
        Some(text) => next_cell(text, out),
        None => out.push(b','),
    }
}

fn flag(value: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(if value { b",true" } else { b",false" });
}

/// Appends a cell, defused and quoted as needed.
pub(super) fn write_cell(text: &str, separator: u8, out: &mut Vec<u8>) {
    let is_defused = needs_defusing(text);
    let wants_quotes = |byte: &u8| matches!(byte, b'"' | b'\n' | b'\r') || *byte == separator;
    if !text.is_empty() && !text.as_bytes().iter().any(wants_quotes) {
        if is_defused {
            out.push(b'\'');
        }
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(b'"');
    if is_defused {
        out.push(b'\'');
    }
    for (index, part) in text.split('"').enumerate() {
        if index > 0 {
            out.extend_from_slice(b"\"\"");
        }
        out.extend_from_slice(part.as_bytes());
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::super::fixture::ann;
    use super::*;

    fn row(writer: UserCsv, user: &UserView) -> String {
        let mut out = Vec::new();
        writer.row(user, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_row_is_what_a_spreadsheet_can_open() {
        let expected = "42,00000000-0000-0000-0000-000000000007,ann,ann@example.org,\"Ann Lee, \"\"the\"\" one\",Ann,\
            \"Lee, \"\"the\"\" one\",moderator,true,false,'=1+1,,\"{\"\"a\"\":1}\",{},,2026-09-21T14:13:20.000001Z,\
            2026-09-21T14:13:20.000001Z,\r\n";
        assert_eq!(row(UserCsv::default(), &ann()), expected);
    }

    #[test]
    fn every_column_has_its_cell() {
        for writer in [UserCsv::default(), UserCsv::new(IdFormat::Uuid).showing_deletion(true)] {
            let mut out = Vec::new();
            writer.header(&mut out);
            writer.row(&ann(), &mut out);
            let mut reader = csv::Reader::from_reader(&out[..]);
            let width = reader.headers().unwrap().len();
            assert_eq!(reader.records().next().unwrap().unwrap().len(), width);
        }
    }

    #[test]
    fn numbers_and_deletions_are_shown_to_whom_they_may() {
        let text = row(UserCsv::new(IdFormat::Uuid).showing_deletion(true), &ann());
        assert!(text.starts_with("00000000-0000-0000-0000-000000000007,00000000-"), "{text}");
        assert!(text.ends_with(",,2026-09-21T14:13:20.000001Z\r\n"), "{text}");
    }

    #[test]
    fn what_is_empty_is_not_what_is_not_there() {
        let user = UserView { first_name: Some(String::new()), last_name: None, ..ann() };
        assert!(row(UserCsv::default(), &user).contains("@example.org,,\"\",,moderator"));
    }
}
