//! The table of error codes as Markdown, for the documentation.

use std::fmt::Write;

use crate::error_code::ErrorCode;

/// Every code with its status, its title and what it means, as a Markdown document.
pub fn error_reference_markdown() -> String {
    let mut text = String::from(
        "# Error codes\n\n\
         Every error answer is `application/problem+json` (RFC 9457). Programs branch on `code`; `type` leads to a page of the \
         service that says the same as this one.\n\n\
         | status | code | title |\n|---|---|---|\n",
    );
    for code in ErrorCode::ALL {
        let (name, status) = (code.as_str(), code.status().as_u16());
        writeln!(text, "| {status} | [`{name}`](#{name}) | {} |", code.title()).expect("writing into a string");
    }
    for code in ErrorCode::ALL {
        write!(text, "\n## {}\n\n{}.\n\n{}\n", code.as_str(), code.title(), code.explanation())
            .expect("writing into a string");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_stands_in_the_table_and_below_it() {
        let text = error_reference_markdown();
        for code in ErrorCode::ALL {
            assert_eq!(text.matches(&format!("`{}`]", code.as_str())).count(), 1);
            assert_eq!(text.matches(&format!("\n## {}\n", code.as_str())).count(), 1);
        }
    }
}
