//! Cells that a spreadsheet would run as formulas, and the apostrophe that stops it.
//!
//! A cell that begins with one of a few characters, or with apostrophes and then one of them, gets one apostrophe more.
//! Taking one away from such a cell is the exact reverse, so nothing is lost whatever a cell holds.

use std::borrow::Cow;

/// Whether `cell`, without the apostrophes it begins with, begins as a formula does in some spreadsheet (OWASP, "CSV
/// Injection"), full-width forms included.
fn is_explosive(cell: &str) -> bool {
    matches!(
        cell.trim_start_matches('\'').chars().next(),
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠')
    )
}

/// Whether an apostrophe has to stand before the cell.
pub(crate) fn needs_defusing(cell: &str) -> bool {
    // Nearly no cell does, and nearly every cell shows it at once.
    match cell.as_bytes().first() {
        Some(byte) if byte.is_ascii_alphanumeric() || *byte == b'{' => false,
        Some(_) => is_explosive(cell),
        None => false,
    }
}

/// The cell without the apostrophe that defused it.
pub(crate) fn armed(cell: Cow<'_, str>) -> Cow<'_, str> {
    match cell.strip_prefix('\'') {
        Some(rest) if is_explosive(rest) => match cell {
            Cow::Borrowed(cell) => Cow::Borrowed(cell.strip_prefix('\'').unwrap_or(cell)),
            Cow::Owned(_) => Cow::Owned(rest.to_owned()),
        },
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    fn defused(cell: &str) -> String {
        if needs_defusing(cell) { format!("'{cell}") } else { cell.to_owned() }
    }

    #[rstest]
    #[case("=1+1", "'=1+1")]
    #[case("+49 30", "'+49 30")]
    #[case("-2", "'-2")]
    #[case("@SUM(A1)", "'@SUM(A1)")]
    #[case("\t=1", "'\t=1")]
    #[case("\r=1", "'\r=1")]
    #[case("＝1", "'＝1")]
    #[case("'=1", "''=1")]
    #[case("''-", "'''-")]
    #[case("'quoted'", "'quoted'")]
    #[case("'", "'")]
    #[case("a=b", "a=b")]
    #[case("{\"a\":1}", "{\"a\":1}")]
    #[case("", "")]
    fn what_would_run_gets_an_apostrophe(#[case] cell: &str, #[case] expected: &str) {
        assert_eq!(defused(cell), expected);
        assert_eq!(armed(Cow::Borrowed(expected)), cell);
        assert_eq!(armed(Cow::Owned(expected.to_owned())), cell);
    }

    proptest! {
        #[test]
        fn every_cell_comes_back(cell in "['=+\\-@\\ta＝]{0,5}.{0,3}") {
            let written = defused(&cell);
            prop_assert!(!is_explosive(&written) || written.starts_with('\''));
            prop_assert_eq!(armed(Cow::Owned(written)).into_owned(), cell);
        }
    }
}
