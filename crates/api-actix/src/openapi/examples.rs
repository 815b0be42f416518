//! Examples of good answers, put together from those of the schemas' members.

use serde_json::{Map, Value, json};
use utoipa::openapi::schema::{ArrayItems, Components, Object, Schema, SchemaType, Type};
use utoipa::openapi::{OpenApi, RefOr};

use super::operations;

/// Adds an example to every answer that has a body but no example yet.
pub(super) fn add(document: &mut OpenApi) {
    let Some(components) = &document.components else { return };
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        for (status, response) in &mut operation.responses.responses {
            let RefOr::T(response) = response else { continue };
            if !status.starts_with('2') {
                continue;
            }
            for content in response.content.values_mut() {
                if let RefOr::T(content) = content
                    && content.examples.is_empty()
                    && content.example.is_none()
                {
                    content.example = content.schema.as_ref().map(|schema| example(schema, components));
                }
            }
        }
    }
}

fn example(schema: &RefOr<Schema>, components: &Components) -> Value {
    match schema {
        RefOr::Ref(reference) => {
            let name = reference.ref_location.rsplit('/').next().unwrap_or_default();
            components.schemas.get(name).map_or(Value::Null, |schema| example(schema, components))
        }
        RefOr::T(Schema::Object(object)) => of_object(object, components),
        RefOr::T(Schema::Array(array)) if array.example.is_some() => array.example.clone().unwrap_or_default(),
        RefOr::T(Schema::Array(array)) => match &array.items {
            ArrayItems::RefOrSchema(item) => json!([example(item, components)]),
            ArrayItems::False => json!([]),
        },
        // A schema and what it is extended by.
        RefOr::T(Schema::AllOf(parts)) => {
            let members = parts.items.iter().filter_map(|part| match example(part, components) {
                Value::Object(members) => Some(members),
                _ => None,
            });
            Value::Object(members.flatten().collect())
        }
        RefOr::T(_) => Value::Null,
    }
}

fn of_object(object: &Object, components: &Components) -> Value {
    if let Some(example) = &object.example {
        return example.clone();
    }
    if let Some(first) = object.enum_values.iter().flatten().next() {
        return first.clone();
    }
    if object.schema_type != SchemaType::Type(Type::Object) {
        return Value::Null;
    }
    // What is not required is only there in special cases, which an example is not.
    let shown = object.properties.iter().filter(|(name, _)| object.required.contains(name));
    Value::Object(shown.map(|(name, member)| (name.clone(), example(member, components))).collect::<Map<_, _>>())
}

#[cfg(test)]
mod tests {
    use crate::config::ApiConfig;
    use crate::rest::audit::schema::{EventListResponse, FeedResponse, VerificationResponse};
    use crate::rest::auth::schema::{MeResponse, ResetTokenResponse, SessionListResponse, TokenResponse};
    use crate::rest::users::bulk::schema::BulkResponse;
    use crate::rest::users::data_schema::UserDataResponse;
    use crate::rest::users::schema::{UserListResponse, UserResponse};

    #[test]
    fn every_good_answer_with_a_body_has_an_example_of_its_type() {
        let document = serde_json::to_value(super::super::openapi(&ApiConfig::default())).unwrap();
        let paths = document["paths"].as_object().unwrap().values();
        let mut count = 0;
        for operation in paths.flat_map(|path| path.as_object().unwrap().values()) {
            let responses = operation["responses"].as_object().unwrap().iter();
            for (_, response) in responses.filter(|(status, _)| status.starts_with('2')) {
                let Some(content) = response["content"].as_object() else { continue };
                let Some(content) = content.get("application/json") else { continue };
                if content["schema"]["$ref"].is_null() {
                    let example = &content["example"];
                    assert!(example["openapi"].is_string() || example["keys"].is_array(), "{content}");
                    continue;
                }
                let example = content["example"].clone();
                match content["schema"]["$ref"].as_str().unwrap().rsplit('/').next().unwrap() {
                    "UserResponse" => drop(serde_json::from_value::<UserResponse>(example).unwrap()),
                    "MeResponse" => drop(serde_json::from_value::<MeResponse>(example).unwrap()),
                    "TokenResponse" => drop(serde_json::from_value::<TokenResponse>(example).unwrap()),
                    "SessionListResponse" => drop(serde_json::from_value::<SessionListResponse>(example).unwrap()),
                    "ResetTokenResponse" => drop(serde_json::from_value::<ResetTokenResponse>(example).unwrap()),
                    "EventListResponse" => drop(serde_json::from_value::<EventListResponse>(example).unwrap()),
                    "FeedResponse" => drop(serde_json::from_value::<FeedResponse>(example).unwrap()),
                    "VerificationResponse" => drop(serde_json::from_value::<VerificationResponse>(example).unwrap()),
                    "UserDataResponse" => drop(serde_json::from_value::<UserDataResponse>(example).unwrap()),
                    "BulkResponse" => drop(serde_json::from_value::<BulkResponse>(example).unwrap()),
                    "UserListResponse" => drop(serde_json::from_value::<UserListResponse>(example).unwrap()),
                    other => assert!(example["status"].is_string(), "{other}: {example}"),
                }
                count += 1;
            }
        }
        assert_eq!(count, 25);
    }
}
