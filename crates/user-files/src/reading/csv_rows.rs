//! CSV: a header, and a user in each row.

use std::io::Read;

use domain::violation::{FieldViolation, Violation};

use super::cells::{Cell, Quotes, Row, split};
use super::window::{Window, line_feeds};
use super::{Next, RECORD_LIMIT, line_at, read_more_of_record, text_of, too_long};
use crate::broken::{BrokenFile, Trouble};
use crate::column::{Column, ColumnMap, REASONS};
use crate::defused::armed;
use crate::formats::firebase;
use crate::formats::raw::{Member, RawUser};
use crate::options::ReadOptions;
use crate::record::{Record, RecordText};
use crate::user::ImportedUser;
use crate::writing::RejectedRows;

/// What is known about the rows of a file.
pub(super) struct CsvRows {
    separator: u8,
    quotes: Quotes,
    /// Where the cells of the row at hand stand, kept for its memory.
    cells: Vec<Cell>,
    header: Header,
}

enum Header {
    /// The columns, and the line as it stands in the file without the reasons of an earlier import.
    Named { columns: Vec<Column>, text: String, begins_with_reasons: bool },
    /// Firebase's CSV, whose columns are known by their place.
    OfFirebase,
}

impl CsvRows {
    pub(super) fn of_firebase() -> Self {
        Self { separator: b',', quotes: Quotes::Literal, cells: Vec::new(), header: Header::OfFirebase }
    }

    /// Reads the header.
    pub(super) fn with_header<R: Read>(window: &mut Window<R>, map: &ColumnMap) -> Result<Self, BrokenFile> {
        while memchr::memchr(b'\n', window.bytes()).is_none() && !window.is_at_end() {
            read_more_of_record(window)?;
        }
        let separator = separator_of(window.bytes());
        let mut rows = Self {
            separator,
            quotes: Quotes::Strict,
            cells: Vec::new(),
            header: Header::Named { columns: Vec::new(), text: String::new(), begins_with_reasons: false },
        };
        let Some((length, taken)) = rows.find_row(window)? else {
            return Err(Trouble::Empty { expected: "a header is expected, such as username,email,full_name" }.at(1));
        };
        let text = text_of(window, length)?;
        let names: Vec<_> = rows.cells.iter().map(|cell| armed(cell.value(text)).into_owned()).collect();
        let line = window.line();
        let columns = map.header(&names).map_err(|trouble| trouble.at(line))?;
        let begins_with_reasons = names.first().is_some_and(|name| name == REASONS);
        let text = own_text(text, &rows.cells, begins_with_reasons).to_owned();
        rows.header = Header::Named { columns, text, begins_with_reasons };
        window.take(taken);
        Ok(rows)
    }

    pub(super) fn rejected_rows(&self) -> RejectedRows {
        match &self.header {
            Header::Named { text, .. } => RejectedRows::csv(text.clone(), self.separator),
            Header::OfFirebase => RejectedRows::csv_of_firebase(),
        }
    }

    pub(super) fn next<R: Read>(
        &mut self,
        window: &mut Window<R>,
        options: &ReadOptions,
        number: u64,
    ) -> Result<Next, BrokenFile> {
        let Some((length, taken)) = self.find_row(window)? else {
            return Ok(Next::End);
        };
        let row = text_of(window, length)?;
        let user = self.user(row, options);
        let begins_with_reasons = matches!(self.header, Header::Named { begins_with_reasons: true, .. });
        let text = RecordText(own_text(row, &self.cells, begins_with_reasons).to_owned());
        let record = Record { number, line: window.line(), text, user };
        let quoted_line_feeds = line_feeds(row.as_bytes());
        let ends_line = window.bytes().get(taken - 1) == Some(&b'\n');
        window.take_counted(taken, quoted_line_feeds + u64::from(ends_line));
        Ok(Next::Record(Box::new(record)))
    }

    /// The length of the next row that is not blank, without and with the end of its line; `None` at the end.
    fn find_row<R: Read>(&mut self, window: &mut Window<R>) -> Result<Option<(usize, usize)>, BrokenFile> {
        loop {
            if window.bytes().is_empty() {
                if window.is_at_end() {
                    return Ok(None);
                }
                window.read_on()?;
                continue;
            }
            let row = split(window.bytes(), window.is_at_end(), self.separator, self.quotes, &mut self.cells);
            match row.map_err(|(at, trouble)| trouble.at(line_at(window, at)))? {
                Row::Whole { length, .. } if length > RECORD_LIMIT => return Err(too_long(window)),
                Row::Whole { taken, .. }
                    if self.cells.iter().all(|cell| !cell.is_quoted && cell.range().is_empty()) =>
                {
                    window.take(taken);
                }
                Row::Whole { length, taken } => {
                    self.check_carriage_returns(window, length)?;
                    return Ok(Some((length, taken)));
                }
                Row::Unfinished => read_more_of_record(window)?,
            }
        }
    }

    /// In cells that are not quoted, they are what some program took for the end of a line.
    fn check_carriage_returns<R: Read>(&self, window: &Window<R>, length: usize) -> Result<(), BrokenFile> {
        let row = window.bytes().get(..length).unwrap_or_default();
        if memchr::memchr(b'\r', row).is_none() {
            return Ok(());
        }
        let plain = self.cells.iter().filter(|cell| !cell.is_quoted);
        let is_found = plain.map(Cell::range).any(|range| row.get(range).is_some_and(|cell| cell.contains(&b'\r')));
        if is_found { Err(Trouble::CarriageReturn.at(window.line())) } else { Ok(()) }
    }

    fn user(&self, row: &str, options: &ReadOptions) -> Result<ImportedUser, Vec<FieldViolation>> {
        let Header::Named { columns, .. } = &self.header else {
            return self.user_of_firebase(row, options);
        };
        if columns.len() != self.cells.len() {
            return Err(wrong_width(&format!("the header has {}", columns.len()), self.cells.len()));
        }
        let mut raw = RawUser::default();
        for (cell, column) in self.cells.iter().zip(columns) {
            if let Some(member) = member(cell, *column, row) {
                raw = raw.with(*column, member);
            }
        }
        raw.check(options)
    }

    fn user_of_firebase(&self, row: &str, options: &ReadOptions) -> Result<ImportedUser, Vec<FieldViolation>> {
        if self.cells.len() < firebase::FEWEST_COLUMNS {
            return Err(wrong_width(
                &format!("Firebase writes at least {}", firebase::FEWEST_COLUMNS),
                self.cells.len(),
            ));
        }
        let cells: Vec<_> = self.cells.iter().map(|cell| cell.value(row)).collect();
        firebase::User::from_row(&cells).into_raw(options.firebase.as_ref()).check(options)
    }
}

/// What a cell says; nothing, if it is empty and says nothing by that.
fn member<'a>(cell: &Cell, column: Column, row: &'a str) -> Option<Member<'a>> {
    let value = cell.value(row);
    if value.is_empty() && !(cell.is_quoted && column.may_be_empty()) {
        return column.is_clearable().then_some(Member::Null);
    }
    Some(Member::Text(if column.is_literal() { value } else { armed(value) }))
}

fn wrong_width(expected: &str, found: usize) -> Vec<FieldViolation> {
    let detail = format!("The row has {found} cells, {expected}; a cell with a separator in it needs quotes");
    vec![Violation::new("wrong_number_of_cells", detail).at("")]
}

/// The row without the reasons of an earlier import.
fn own_text<'a>(row: &'a str, cells: &[Cell], begins_with_reasons: bool) -> &'a str {
    let start = if begins_with_reasons { cells.first().map_or(0, Cell::next_start) } else { 0 };
    row.get(start..).unwrap_or_default()
}

/// What separates the cells of a header: none of our names holds any of the candidates.
fn separator_of(bytes: &[u8]) -> u8 {
    let header = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |candidate: u8| {
        let mut is_quoted = false;
        let is_outside = |byte: &&u8| {
            is_quoted ^= **byte == b'"';
            !is_quoted && **byte == candidate
        };
        header.iter().filter(is_outside).count()
    };
    // The last of equals wins.
    [b'\t', b';', b','].into_iter().max_by_key(|candidate| count(*candidate)).unwrap_or(b',')
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("username,email", b',')]
    #[case("username;email\na,b,c,d", b';')]
    #[case("username\temail", b'\t')]
    #[case("\"a,b,c\";email", b';')]
    #[case("username", b',')]
    #[case("", b',')]
    fn the_header_shows_what_separates(#[case] header: &str, #[case] separator: u8) {
        assert_eq!(separator_of(header.as_bytes()), separator);
    }
}
