//! What parameters can be: never null, and a user by what the service names users by.

use serde_json::json;
use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{
    KnownFormat, Object, ObjectBuilder, OneOfBuilder, Schema, SchemaFormat, SchemaType, Type,
};
use utoipa::openapi::{OpenApi, RefOr, Required};

use super::operations;
use crate::config::UserIdFormat;

/// Writes the parameters of every operation as they are.
pub(super) fn describe(document: &mut OpenApi, user_id_format: UserIdFormat) {
    let operations = document.paths.paths.values_mut().flat_map(operations);
    for parameter in operations.flat_map(|operation| operation.parameters.iter_mut().flatten()) {
        let RefOr::T(parameter) = parameter else { continue };
        if let Some(RefOr::T(Schema::Object(schema))) = &mut parameter.schema {
            take_null_out(schema);
        }
        if parameter.parameter_in == ParameterIn::Path && parameter.name == "id" {
            *parameter = user(user_id_format);
        }
    }
}

/// A header can be left out but cannot be null.
fn take_null_out(schema: &mut Object) {
    if let SchemaType::Array(types) = &schema.schema_type
        && let [only, Type::Null] | [Type::Null, only] = types.as_slice()
    {
        schema.schema_type = SchemaType::Type(only.clone());
    }
}

fn user(user_id_format: UserIdFormat) -> Parameter {
    let of = |kind, format| ObjectBuilder::new().schema_type(kind).format(Some(SchemaFormat::KnownFormat(format)));
    let uuid = of(Type::String, KnownFormat::Uuid);
    let parameter = ParameterBuilder::new().name("id").parameter_in(ParameterIn::Path).required(Required::True);
    let parameter = match user_id_format {
        UserIdFormat::Integer => {
            let either = OneOfBuilder::new().item(of(Type::Integer, KnownFormat::Int64)).item(uuid);
            parameter.description(Some("The user's number or UUID.")).schema(Some(either)).example(Some(json!(42)))
        }
        UserIdFormat::Uuid => {
            let example = json!("019aa5b0-7c1e-7000-8000-000000000042");
            parameter.description(Some("The user's UUID.")).schema(Some(uuid)).example(Some(example))
        }
    };
    parameter.build()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::config::ApiConfig;

    fn parameters(user_id_format: UserIdFormat) -> Vec<Value> {
        let document = super::super::openapi(&ApiConfig { user_id_format, ..ApiConfig::default() });
        let document = serde_json::to_value(document).expect("the document is JSON");
        let paths = document["paths"].as_object().unwrap().values();
        let operations = paths.flat_map(|path| path.as_object().unwrap().values());
        operations.flat_map(|operation| operation["parameters"].as_array().cloned().unwrap_or_default()).collect()
    }

    #[test]
    fn no_parameter_is_null() {
        for parameter in parameters(UserIdFormat::Integer) {
            assert!(!parameter["schema"].to_string().contains("null"), "{parameter}");
        }
    }

    #[test]
    fn every_parameter_of_a_query_or_a_path_has_an_example() {
        for parameter in parameters(UserIdFormat::Integer).iter().filter(|parameter| parameter["in"] != "header") {
            assert!(!parameter["example"].is_null(), "{parameter}");
        }
    }

    #[test]
    fn a_user_is_named_by_number_or_uuid_or_by_uuid_alone() {
        let uuid = json!({"type": "string", "format": "uuid"});
        let either = json!({"oneOf": [{"type": "integer", "format": "int64"}, uuid]});
        for (format, schema) in [(UserIdFormat::Integer, either), (UserIdFormat::Uuid, uuid)] {
            let ids: Vec<_> = parameters(format).into_iter().filter(|parameter| parameter["name"] == "id").collect();
            assert_eq!(ids.len(), 14);
            assert!(ids.iter().all(|id| id["schema"] == schema), "{ids:?}");
        }
    }
}
