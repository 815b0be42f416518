//! Rows of CSV, taken apart strictly: what two programs could read differently breaks the file (RFC 4180).

use std::borrow::Cow;

use memchr::{memchr, memchr2, memchr3};

use crate::broken::Trouble;

/// How strict reading is about quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Quotes {
    /// A cell with a quote is quoted.
    Strict,
    /// A quote inside of a cell that is not quoted stands for itself, as Firebase writes it.
    Literal,
}

/// Where a cell stands in its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cell {
    start: usize,
    end: usize,
    /// The cell has quotes around it, which `start..end` leaves out.
    pub(crate) is_quoted: bool,
    has_doubled_quotes: bool,
}

impl Cell {
    /// The cell's value.
    pub(crate) fn value<'a>(&self, row: &'a str) -> Cow<'a, str> {
        let written = row.get(self.start..self.end).unwrap_or_default();
        if self.has_doubled_quotes { Cow::Owned(written.replace("\"\"", "\"")) } else { Cow::Borrowed(written) }
    }

    /// Where the next cell begins, behind this one and its separator.
    pub(crate) fn next_start(&self) -> usize {
        self.end + usize::from(self.is_quoted) + 1
    }

    /// The bytes between the quotes, or all of them.
    pub(crate) fn range(&self) -> std::ops::Range<usize> {
        self.start..self.end
    }
}

/// A row at the beginning of some bytes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Row {
    /// It does not end within them.
    Unfinished,
    /// It is there.
    Whole {
        /// Its length without the end of its line.
        length: usize,
        /// Its length with the end of its line.
        taken: usize,
    },
}

/// Finds the end of the first row and the cells in it. `is_all` says that nothing follows behind `bytes`.
///
/// # Errors
///
/// What is wrong with the quotes, and at which byte.
pub(crate) fn split(
    bytes: &[u8],
    is_all: bool,
    separator: u8,
    quotes: Quotes,
    cells: &mut Vec<Cell>,
) -> Result<Row, (usize, Trouble)> {
    cells.clear();
    let mut at = 0;
    loop {
        let cell_end = if bytes.get(at) == Some(&b'"') {
            let (end, has_doubled_quotes) = match closing_quote(bytes, at + 1) {
                Some(found) => found,
                None if is_all => return Err((at, Trouble::QuoteNotClosed)),
                None => return Ok(Row::Unfinished),
            };
            cells.push(Cell { start: at + 1, end, is_quoted: true, has_doubled_quotes });
            end + 1
        } else {
            let Some(end) = plain_end(bytes, at, separator, quotes)? else {
                if !is_all {
                    return Ok(Row::Unfinished);
                }
                let length = without_carriage_return(bytes, at, bytes.len());
                cells.push(Cell { start: at, end: length, is_quoted: false, has_doubled_quotes: false });
                return Ok(Row::Whole { length, taken: bytes.len() });
            };
            let is_last = bytes.get(end) == Some(&b'\n');
            let value_end = if is_last { without_carriage_return(bytes, at, end) } else { end };
            cells.push(Cell { start: at, end: value_end, is_quoted: false, has_doubled_quotes: false });
            if is_last {
                return Ok(Row::Whole { length: value_end, taken: end + 1 });
            }
            end
        };
        match bytes.get(cell_end) {
            Some(byte) if *byte == separator => at = cell_end + 1,
            Some(b'\n') => return Ok(Row::Whole { length: cell_end, taken: cell_end + 1 }),
            Some(b'\r') => match bytes.get(cell_end + 1) {
                Some(b'\n') => return Ok(Row::Whole { length: cell_end, taken: cell_end + 2 }),
                Some(_) => return Err((cell_end, Trouble::CarriageReturn)),
                None if is_all => return Ok(Row::Whole { length: cell_end, taken: cell_end + 1 }),
                None => return Ok(Row::Unfinished),
            },
            Some(_) => return Err((cell_end, Trouble::BehindQuote)),
            None if is_all => return Ok(Row::Whole { length: cell_end, taken: cell_end }),
            None => return Ok(Row::Unfinished),
        }
    }
}

/// Where the quote stands that closes a cell, and whether there are doubled ones before it. A quote that the bytes end
/// with counts: whether a second one follows is seen when there is more.
fn closing_quote(bytes: &[u8], from: usize) -> Option<(usize, bool)> {
    let mut at = from;
    let mut has_doubled_quotes = false;
    loop {
        at += memchr(b'"', bytes.get(at..)?)?;
        if bytes.get(at + 1) != Some(&b'"') {
            return Some((at, has_doubled_quotes));
        }
        has_doubled_quotes = true;
        at += 2;
    }
}

/// Where the separator or the line feed stands that ends a cell without quotes around it.
fn plain_end(bytes: &[u8], from: usize, separator: u8, quotes: Quotes) -> Result<Option<usize>, (usize, Trouble)> {
    let rest = bytes.get(from..).unwrap_or_default();
    let found = match quotes {
        Quotes::Strict => memchr3(separator, b'\n', b'"', rest),
        Quotes::Literal => memchr2(separator, b'\n', rest),
    };
    match found.map(|offset| from + offset) {
        Some(at) if bytes.get(at) == Some(&b'"') => Err((at, Trouble::QuoteInCell)),
        found => Ok(found),
    }
}

fn without_carriage_return(bytes: &[u8], start: usize, end: usize) -> usize {
    if end > start && bytes.get(end - 1) == Some(&b'\r') { end - 1 } else { end }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn row(text: &str) -> Result<Vec<String>, Trouble> {
        let mut cells = Vec::new();
        match split(text.as_bytes(), true, b',', Quotes::Strict, &mut cells) {
            Ok(Row::Whole { length, .. }) => {
                Ok(cells.iter().map(|cell| cell.value(&text[..length]).into_owned()).collect())
            }
            Ok(Row::Unfinished) => panic!("all of it is there"),
            Err((_, trouble)) => Err(trouble),
        }
    }

    #[rstest]
    #[case("a,b", &["a", "b"])]
    #[case("a,b\nc", &["a", "b"])]
    #[case("a,b\r\nc", &["a", "b"])]
    #[case("a,b\r", &["a", "b"])]
    #[case("a,", &["a", ""])]
    #[case(",\r\n", &["", ""])]
    #[case("", &[""])]
    #[case("\"a,\n\"\"b\"\"\",\"\"\r\n", &["a,\n\"b\"", ""])]
    #[case("\"a\"\r", &["a"])]
    #[case(" a , b ", &[" a ", " b "])]
    fn cells_are_found(#[case] text: &str, #[case] cells: &[&str]) {
        assert_eq!(row(text).unwrap(), cells);
    }

    #[rstest]
    #[case("a,\"b", Trouble::QuoteNotClosed)]
    #[case("\"a\"b,c", Trouble::BehindQuote)]
    #[case("\"a\" ,c", Trouble::BehindQuote)]
    #[case("a\"b\",c", Trouble::QuoteInCell)]
    #[case("\"a\"\rb", Trouble::CarriageReturn)]
    fn wrong_quotes_break_the_row(#[case] text: &str, #[case] trouble: Trouble) {
        assert_eq!(row(text).unwrap_err(), trouble);
    }

    #[test]
    fn a_quote_stands_for_itself_where_it_may() {
        let mut cells = Vec::new();
        let text = "5\" disk,\"x\"";
        let _ = split(text.as_bytes(), true, b',', Quotes::Literal, &mut cells).unwrap();
        assert_eq!((cells[0].value(text), cells[1].value(text)), ("5\" disk".into(), "x".into()));
    }

    proptest! {
        #[test]
        fn other_programs_find_the_same(rows in prop::collection::vec(prop::collection::vec("[a\",;\n\r é]{0,4}", 2..5), 1..4)) {
            let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
            for row in &rows {
                writer.write_record(row).unwrap();
            }
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let (mut at, mut cells, mut found) = (0, Vec::new(), Vec::new());
            while at < text.len() {
                let rest = &text[at..];
                let whole = split(rest.as_bytes(), true, b',', Quotes::Strict, &mut cells).unwrap();
                let Row::Whole { length, taken } = whole else { panic!("all of it is there") };
                found.push(cells.iter().map(|cell| cell.value(&rest[..length]).into_owned()).collect::<Vec<_>>());
                // Whatever is cut off is missed, not mistaken for something else.
                for cut in 0..length {
                    if let Ok(Row::Whole { taken: early, .. }) =
                        split(&rest.as_bytes()[..cut], false, b',', Quotes::Strict, &mut cells)
                    {
                        prop_assert_eq!(early, taken);
                    }
                }
                at += taken;
            }
            prop_assert_eq!(found, rows);
        }
    }
}
