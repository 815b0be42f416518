//! The way of a violation through garde, whose errors hold a message and a path and nothing else.

use garde::Report;

use crate::violation::{FieldViolation, Violation};

/// Every code that a value or a rule of this module gives. A message names one of them, and here it becomes static
/// again.
const CODES: [&str; 16] = [
    "control_character",
    "forbidden_character",
    "invalid_email",
    "invalid_locale",
    "invalid_role",
    "invisible_character",
    "mixed_numbers",
    "mixed_scripts",
    "not_an_object",
    "not_in_the_future",
    "null_not_allowed",
    "required",
    "too_large",
    "too_long",
    "too_short",
    "whitespace",
];

/// The code of a message that names none of [`CODES`].
const UNKNOWN: &str = "invalid";

const BETWEEN: &str = ": ";

/// Puts a violation into one of garde's errors.
pub(super) fn to_garde(violation: &Violation) -> garde::Error {
    debug_assert!(CODES.contains(&violation.code()), "the code {} is not in CODES", violation.code());
    garde::Error::new(format!("{}{BETWEEN}{}", violation.code(), violation.detail()))
}

/// Takes the violations out of a report again, each with a JSON pointer and ordered by it.
pub(super) fn violations(report: Report) -> Vec<FieldViolation> {
    let mut found: Vec<_> =
        report.into_inner().iter().map(|(path, error)| from_garde(error).at(pointer(&path.to_string()))).collect();
    found.sort_by(|one, other| one.pointer.cmp(&other.pointer));
    found
}

fn from_garde(error: &garde::Error) -> Violation {
    let known = error.message().split_once(BETWEEN).and_then(|(name, detail)| {
        let code = CODES.into_iter().find(|&code| code == name)?;
        Some(Violation::new(code, detail))
    });
    known.unwrap_or_else(|| Violation::new(UNKNOWN, error.message()))
}

/// `operations[3].user.email` as `/operations/3/user/email` (RFC 6901). Nothing needs escaping: members are named by
/// Rust's identifiers.
fn pointer(path: &str) -> String {
    path.split(['.', '[', ']'])
        .filter(|step| !step.is_empty())
        .fold(String::new(), |pointer, step| pointer + "/" + step)
}

#[cfg(test)]
mod tests {
    use garde::Path;

    use super::*;

    #[test]
    fn a_violation_comes_back_with_its_code_its_sentence_and_its_place() {
        for code in CODES {
            let violation = Violation::new(code, "A sentence: with a colon, ünd {braces}");
            let mut report = Report::new();
            report.append(Path::new("email"), to_garde(&violation));
            assert_eq!(violations(report), [violation.at("/email")]);
        }
    }

    #[test]
    fn violations_are_ordered_by_pointer() {
        let mut report = Report::new();
        for name in ["username", "email", "role"] {
            report.append(Path::new(name), to_garde(&Violation::new("required", "It is required")));
        }
        let pointers: Vec<_> = violations(report).into_iter().map(|violation| violation.pointer).collect();
        assert_eq!(pointers, ["/email", "/role", "/username"]);
    }

    #[test]
    fn paths_become_pointers() {
        assert_eq!(pointer(""), "");
        assert_eq!(pointer("email"), "/email");
        assert_eq!(
            pointer(&Path::new("operations").join(3).join("user").join("email").to_string()),
            "/operations/3/user/email"
        );
    }

    #[test]
    fn a_message_of_gardes_own_still_says_what_is_wrong() {
        for message in ["not set", "length: is lower than 3"] {
            let violation = from_garde(&garde::Error::new(message));
            assert_eq!((violation.code(), violation.detail()), ("invalid", message));
        }
    }

    #[test]
    #[should_panic(expected = "not in CODES")]
    fn a_code_that_would_get_lost_is_noticed_in_tests() {
        let _ = to_garde(&Violation::new("brand_new", "Something new"));
    }
}
