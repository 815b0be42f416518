//! What is wrong with a body that is not JSON, in words of our own: where it stands, and never what stands there.

use serde_json::error::Category;

use super::strict::MAX_DEPTH;
use crate::error_code::ErrorCode;
use crate::problem::Problem;

/// The longest name of a member that is repeated to the client.
const MAX_NAME: usize = 64;

/// What the reader of JSON says, and how we say it.
const SENTENCES: [(&str, &str); 5] = [
    ("trailing characters", "There is something behind the end of the JSON"),
    ("number out of range", "A number is too large for readers of JSON"),
    ("lone leading surrogate", "A text holds half of a surrogate pair"),
    ("unexpected end of hex escape", "A text holds half of a surrogate pair"),
    ("control character", "A text holds a control character that is not escaped"),
];

/// What the reader of JSON cannot know, as our rules are stricter.
#[derive(Debug)]
pub(super) enum Refusal {
    /// A member stands twice in one object.
    Twice(String),
    /// Arrays and objects nest too deep.
    TooDeep,
}

/// The text of a body, if it is UTF-8 and begins with JSON.
///
/// # Errors
///
/// [`ErrorCode::MalformedJson`] if it is not or begins with a byte order mark (RFC 8259 §8.1).
pub(super) fn text(bytes: &[u8]) -> Result<&str, Problem> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let lines = || before.split(|byte| *byte == b'\n');
        let column = lines().next_back().map_or(0, <[u8]>::len) + 1;
        at("The body is not UTF-8", lines().count(), column)
    })?;
    if text.starts_with('\u{feff}') {
        return Err(Problem::new(ErrorCode::MalformedJson, "The body begins with a byte order mark"));
    }
    Ok(text)
}

/// The problem that a reader ended with.
pub(super) fn problem(error: &serde_json::Error, refusal: Option<Refusal>) -> Problem {
    let (line, column) = (error.line(), error.column());
    match refusal {
        Some(Refusal::Twice(name)) => {
            let name: String = name.chars().take(MAX_NAME).collect();
            at(&format!("The member `{name}` stands twice in one object"), line, column)
        }
        Some(Refusal::TooDeep) => at(&format!("The body nests deeper than {MAX_DEPTH} levels"), line, column),
        None => at(sentence(error), line, column),
    }
}

fn sentence(error: &serde_json::Error) -> &'static str {
    let words = error.to_string();
    let known = SENTENCES.iter().find(|(theirs, _)| words.starts_with(theirs));
    match known {
        Some((_, ours)) => ours,
        None if error.classify() == Category::Eof => "The body ends before its JSON does",
        None => "The body is not valid JSON",
    }
}

fn at(what: &str, line: usize, column: usize) -> Problem {
    Problem::new(ErrorCode::MalformedJson, format!("{what} at line {line}, column {column}"))
}
