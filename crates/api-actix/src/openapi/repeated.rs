//! Which operations are carried out once, however often they are sent.

use serde_json::json;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Header, OpenApi, PathItem, RefOr};

/// The header as it is usually written.
const NAME: &str = "Idempotency-Key";

/// Describes the header on everything that changes something under `base`, but for signing in.
pub(super) fn describe(document: &mut OpenApi, base: &str) {
    let resources = document.paths.paths.iter_mut().filter(|(path, _)| path.starts_with(base));
    for (_, item) in resources.filter(|(path, _)| !path.starts_with(&format!("{base}/auth/"))) {
        for operation in changing(item) {
            operation.parameters.get_or_insert_default().push(RefOr::T(parameter()));
            for (status, response) in &mut operation.responses.responses {
                if let RefOr::T(response) = response
                    && status.starts_with('2')
                {
                    response.headers.insert("Idempotency-Replayed".into(), RefOr::T(replayed()));
                }
            }
        }
    }
}

/// Whether the operation is carried out once.
pub(super) fn is_repeatable(operation: &Operation) -> bool {
    let mut parameters = operation.parameters.iter().flatten();
    parameters.any(|parameter| matches!(parameter, RefOr::T(parameter) if parameter.name == NAME))
}

fn changing(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.post, &mut item.put, &mut item.patch, &mut item.delete].into_iter().flatten()
}

fn parameter() -> Parameter {
    let text = "1 to 255 visible characters that name this request. Sent again within 24 hours, the same request is answered like \
                the first time, if that succeeded, and nothing happens twice.";
    let schema = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1)).max_length(Some(255));
    ParameterBuilder::new()
        .name(NAME)
        .parameter_in(ParameterIn::Header)
        .description(Some(text))
        .schema(Some(schema))
        .example(Some(json!("8e03978e-40d5-43e8-bc93-6894a57f9324")))
        .build()
}

fn replayed() -> Header {
    let mut header = Header::new(ObjectBuilder::new().schema_type(Type::String).enum_values(Some(["true"])));
    header.description = Some("That the request was carried out before, and this was the answer.".into());
    header
}
