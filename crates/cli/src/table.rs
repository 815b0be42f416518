//! Tables for people: columns that line up.

use unicode_width::UnicodeWidthStr as _;

use crate::terminal::visible;

/// What stands between two columns.
const GAP: &str = "  ";

/// A table that is written part by part, so that it need not fit into memory. Its columns grow wider and never narrower.
pub(crate) struct Table {
    widths: Vec<usize>,
    heading: Option<Vec<String>>,
}

impl Table {
    pub(crate) fn new<const COLUMNS: usize>(heading: [&str; COLUMNS]) -> Self {
        Self { widths: vec![0; COLUMNS], heading: Some(heading.map(str::to_owned).to_vec()) }
    }

    /// The next rows as lines, below the heading if they are the first. Nothing in them moves the cursor.
    pub(crate) fn lines(&mut self, rows: impl IntoIterator<Item = Vec<String>>) -> String {
        let rows: Vec<Vec<String>> = self.heading.take().into_iter().chain(rows).map(shown).collect();
        for row in &rows {
            for (width, cell) in self.widths.iter_mut().zip(row) {
                *width = (*width).max(cell.width());
            }
        }
        rows.iter().map(|row| self.line(row)).collect()
    }

    fn line(&self, row: &[String]) -> String {
        let mut line = String::new();
        for (width, cell) in self.widths.iter().zip(row) {
            line.push_str(cell);
            line.push_str(&" ".repeat(width.saturating_sub(cell.width())));
            line.push_str(GAP);
        }
        line.truncate(line.trim_end().len());
        line.push('\n');
        line
    }
}

fn shown(row: Vec<String>) -> Vec<String> {
    row.into_iter().map(|cell| visible(&cell).into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row<const CELLS: usize>(cells: [&str; CELLS]) -> Vec<String> {
        cells.map(str::to_owned).to_vec()
    }

    #[test]
    fn columns_line_up_however_wide_the_letters_are() {
        let mut table = Table::new(["ID", "NAME", "ROLE"]);
        let lines = table.lines([row(["1", "Ann", "user"]), row(["20", "日本", "admin"])]);
        assert_eq!(lines, "ID  NAME  ROLE\n1   Ann   user\n20  日本  admin\n");
    }

    #[test]
    fn a_later_part_has_no_heading_and_no_narrower_columns() {
        let mut table = Table::new(["ID", "NAME"]);
        table.lines([row(["1000", "a"])]);
        assert_eq!(table.lines([row(["1", "b"])]), "1     b\n");
        assert_eq!(table.lines([]), "");
    }

    #[test]
    fn a_table_without_rows_still_says_what_would_stand_there() {
        assert_eq!(Table::new(["ID", "NAME"]).lines([]), "ID  NAME\n");
    }

    #[test]
    fn what_a_cell_holds_stays_in_its_line() {
        assert_eq!(Table::new(["A", "B"]).lines([row(["x\ny", "\u{1b}[2J"])]), "A        B\nx\\u{a}y  \\u{1b}[2J\n");
    }
}
