//! Values that no user can have, wherever they stand in a member.
//!
//! NUL cannot be stored as text by every database, and an integer beyond 64 bits would come back as another number.

use serde_json::{Map, Value};

use crate::problem::FieldProblem;

/// The name of the only member of what stands for an integer beyond 64 bits, which [`Value`] would round. With its NUL no
/// value that is stored can have such a member.
const BEYOND_64_BITS: &str = "\0beyond 64 bits";

/// What stands in a parsed body for an integer that does not fit into 64 bits.
pub(super) fn integer_beyond_64_bits() -> Value {
    Value::Object(Map::from_iter([(BEYOND_64_BITS.to_owned(), Value::Null)]))
}

/// Each unusable value, with its place inside of this one.
pub(super) fn find(value: &Value) -> Vec<FieldProblem> {
    let mut found = Vec::new();
    walk(value, &mut String::new(), &mut found);
    found
}

fn walk(value: &Value, pointer: &mut String, found: &mut Vec<FieldProblem>) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
        Value::String(text) => found.extend(nul(text, pointer)),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                descend(&index.to_string(), item, pointer, found);
            }
        }
        Value::Object(members) if members.contains_key(BEYOND_64_BITS) => {
            found.push(FieldProblem::new(&**pointer, "number_too_large", "The number does not fit into 64 bits"));
        }
        Value::Object(members) => {
            for (name, member) in members {
                descend(name, member, pointer, found);
            }
        }
    }
}

fn descend(step: &str, value: &Value, pointer: &mut String, found: &mut Vec<FieldProblem>) {
    let length = pointer.len();
    pointer.push('/');
    pointer.push_str(&step.replace('~', "~0").replace('/', "~1"));
    found.extend(nul(step, pointer));
    walk(value, pointer, found);
    pointer.truncate(length);
}

fn nul(text: &str, pointer: &str) -> Option<FieldProblem> {
    text.contains('\0').then(|| FieldProblem::new(pointer, "control_character", "A text cannot hold the character NUL"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pointers(value: &Value) -> Vec<String> {
        find(value).into_iter().map(|problem| format!("{} {}", problem.pointer, problem.code)).collect()
    }

    #[test]
    fn nul_is_found_in_texts_and_in_names() {
        let value = json!({"a": ["x", "\0"], "m": {"b/~\0": 1}});
        assert_eq!(pointers(&value), ["/a/1 control_character", "/m/b~1~0\0 control_character"]);
    }

    #[test]
    fn integers_beyond_64_bits_are_found_and_doubles_are_not() {
        assert_eq!(pointers(&json!([1, 1e300, integer_beyond_64_bits()])), ["/2 number_too_large"]);
        assert_eq!(pointers(&integer_beyond_64_bits()), [" number_too_large"]);
    }
}
