//! What changed, as JSON: `[{"field": …, "old": …, "new": …}]`.

use chrono::SecondsFormat;
use domain::user::{FieldChange, FieldValue};
use serde_json::{Map, Value};

/// The changes as JSON text. A secret has neither an old nor a new value, only that it changed.
pub(super) fn to_json(changes: &[FieldChange]) -> String {
    Value::Array(changes.iter().map(change).collect()).to_string()
}

fn change(change: &FieldChange) -> Value {
    let mut members = Map::new();
    members.insert("field".to_owned(), change.field.into());
    for (name, field_value) in [("old", &change.old), ("new", &change.new)] {
        if let Some(json) = value(field_value) {
            members.insert(name.to_owned(), json);
        }
    }
    Value::Object(members)
}

fn value(value: &FieldValue) -> Option<Value> {
    Some(match value {
        FieldValue::Null => Value::Null,
        FieldValue::Text(text) => text.as_str().into(),
        FieldValue::Bool(yes) => (*yes).into(),
        FieldValue::Time(at) => at.to_rfc3339_opts(SecondsFormat::Micros, true).into(),
        // What does not read as JSON is kept as a text, rather than lost.
        FieldValue::Json(text) => serde_json::from_str(text).unwrap_or_else(|_| text.as_str().into()),
        FieldValue::Secret => return None,
    })
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    #[test]
    fn values_are_written_in_their_own_types() {
        let at = DateTime::from_timestamp_micros(1_700_000_000_000_001).unwrap();
        let changes = [
            FieldChange { field: "full_name", old: FieldValue::Null, new: FieldValue::Text("Ann \"A\"".into()) },
            FieldChange { field: "is_active", old: FieldValue::Bool(true), new: FieldValue::Bool(false) },
            FieldChange { field: "suspended_until", old: FieldValue::Null, new: FieldValue::Time(at) },
            FieldChange {
                field: "user_metadata",
                old: FieldValue::Json("{}".into()),
                new: FieldValue::Json(r#"{"b":[1,null]}"#.into()),
            },
        ];
        let expected = serde_json::json!([
            {"field": "full_name", "old": null, "new": "Ann \"A\""},
            {"field": "is_active", "old": true, "new": false},
            {"field": "suspended_until", "old": null, "new": "2023-11-14T22:13:20.000001Z"},
            {"field": "user_metadata", "old": {}, "new": {"b": [1, null]}},
        ]);
        assert_eq!(serde_json::from_str::<Value>(&to_json(&changes)).unwrap(), expected);
    }

    #[test]
    fn of_a_secret_only_the_change_is_written() {
        let change = FieldChange { field: "password", old: FieldValue::Secret, new: FieldValue::Secret };
        assert_eq!(to_json(&[change]), r#"[{"field":"password"}]"#);
    }
}
