//! JSON Merge Patch (RFC 7396).

use serde_json::{Map, Value};

/// Applies `patch` to `target`: members of objects are merged, null removes one, anything else replaces.
pub(crate) fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(Map::new());
    }
    let Value::Object(members) = target else { return };
    for (name, value) in patch {
        if value.is_null() {
            members.remove(&name);
        } else {
            merge(members.entry(name).or_insert(Value::Null), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    // The examples of RFC 7396, appendix A.
    #[rstest]
    #[case(json!({"a":"b"}), json!({"a":"c"}), json!({"a":"c"}))]
    #[case(json!({"a":"b"}), json!({"b":"c"}), json!({"a":"b","b":"c"}))]
    #[case(json!({"a":"b"}), json!({"a":null}), json!({}))]
    #[case(json!({"a":"b","b":"c"}), json!({"a":null}), json!({"b":"c"}))]
    #[case(json!({"a":["b"]}), json!({"a":"c"}), json!({"a":"c"}))]
    #[case(json!({"a":"c"}), json!({"a":["b"]}), json!({"a":["b"]}))]
    #[case(json!({"a":{"b":"c"}}), json!({"a":{"b":"d","c":null}}), json!({"a":{"b":"d"}}))]
    #[case(json!({"a":[{"b":"c"}]}), json!({"a":[1]}), json!({"a":[1]}))]
    #[case(json!(["a","b"]), json!(["c","d"]), json!(["c","d"]))]
    #[case(json!({"a":"b"}), json!(["c"]), json!(["c"]))]
    #[case(json!({"a":"foo"}), json!(null), json!(null))]
    #[case(json!({"a":"foo"}), json!("bar"), json!("bar"))]
    #[case(json!({"e":null}), json!({"a":1}), json!({"e":null,"a":1}))]
    #[case(json!([1,2]), json!({"a":"b","c":null}), json!({"a":"b"}))]
    #[case(json!({}), json!({"a":{"bb":{"ccc":null}}}), json!({"a":{"bb":{}}}))]
    fn the_examples_of_the_rfc_hold(#[case] mut target: Value, #[case] patch: Value, #[case] expected: Value) {
        merge(&mut target, patch);
        assert_eq!(target, expected);
    }
}
