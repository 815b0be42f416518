//! What `/ready` answers when it is not: a problem that names the state of each part.

use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::schema::{AllOfBuilder, ObjectBuilder};
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr};

use crate::app::RedisState;
use crate::problem::PROBLEM_JSON;
use crate::system::ready;

const SCHEMA: &str = "ReadinessProblem";

/// Shows the member `checks` in the 503 of `/ready`.
pub(super) fn describe(document: &mut OpenApi) {
    // Not required: a service that is stopping looks at nothing any more.
    let checks = ObjectBuilder::new().property("checks", Ref::from_schema_name("Checks"));
    let schema = AllOfBuilder::new().item(Ref::from_schema_name("Problem")).item(checks).build();
    document.components.get_or_insert_default().schemas.insert(SCHEMA.into(), RefOr::T(schema.into()));
    let operation = document.paths.paths.get_mut("/ready").and_then(|item| item.get.as_mut());
    let answer = operation.and_then(|operation| operation.responses.responses.get_mut("503"));
    if let Some(RefOr::T(answer)) = answer {
        let written = ready::without_database(RedisState::Off).render("/ready", "5f2b8c9d01e700000001");
        let example = serde_json::from_slice(&written).expect("a problem is JSON");
        let examples = [("unavailable", ExampleBuilder::new().value(Some(example)).build())];
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(SCHEMA))).examples_from_iter(examples);
        answer.content.insert(PROBLEM_JSON.into(), content.build().into());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::config::ApiConfig;

    #[test]
    fn a_service_that_is_not_ready_says_which_part_is_away() {
        let document = serde_json::to_value(super::super::openapi(&ApiConfig::default())).unwrap();
        let content = &document["paths"]["/ready"]["get"]["responses"]["503"]["content"]["application/problem+json"];
        assert_eq!(content["schema"]["$ref"], "#/components/schemas/ReadinessProblem");
        let checks = &content["examples"]["unavailable"]["value"]["checks"];
        assert_eq!(*checks, json!({"database": "failed", "redis": "off", "migrations": "unknown", "audit": "unknown"}));
        let schema = &document["components"]["schemas"]["ReadinessProblem"]["allOf"];
        assert_eq!(schema[1]["properties"]["checks"]["$ref"], "#/components/schemas/Checks");
    }
}
