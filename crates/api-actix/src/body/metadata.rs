//! Metadata that come in by another way than a body, under the rules for those in one.

use serde::Deserialize as _;

use super::{FreeObject, Member, WrongMembers, strict};
use crate::problem::FieldProblem;

/// The compact text of a JSON object, read as strictly as the member `name` of a body.
///
/// # Errors
///
/// Everything that is wrong with it, each at a pointer that begins with `/name`.
pub fn metadata_text(name: &str, json: &str) -> Result<String, Vec<FieldProblem>> {
    let value = strict::parse(json.as_bytes()).map_err(|problem| {
        vec![FieldProblem::new(
            format!("/{name}"),
            problem.code().as_str(),
            problem.detail().replacen("The body", "The text", 1),
        )]
    })?;
    let member = Member::<FreeObject>::deserialize(value).expect("a member takes any value");
    let mut wrong = WrongMembers::default();
    match wrong.value(name, member) {
        Some(object) => Ok(object.0),
        None => Err(wrong.found()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_comes_back_in_its_compact_form() {
        assert_eq!(metadata_text("m", " {\"a\" : [1, {\"b\": null}]} ").unwrap(), r#"{"a":[1,{"b":null}]}"#);
    }

    #[test]
    fn what_a_body_could_not_hold_is_refused_and_its_place_named() {
        for (json, expected) in [
            ("{", "/m malformed_json"),
            (r#"{"a":1,"a":2}"#, "/m malformed_json"),
            ("[]", "/m wrong_type"),
            ("null", "/m null_not_allowed"),
            (r#"{"a":{"b":18446744073709551616}}"#, "/m/a/b number_too_large"),
            (r#"{"a":"\u0000"}"#, "/m/a control_character"),
        ] {
            let found = metadata_text("m", json).unwrap_err();
            let found: Vec<_> = found.iter().map(|wrong| format!("{} {}", wrong.pointer, wrong.code)).collect();
            assert_eq!(found, [expected], "{json}");
        }
    }
}
