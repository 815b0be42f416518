//! Which bodies may be left out: those in which no member is required, as no body is `{}`.

use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{Components, Schema};
use utoipa::openapi::{Content, OpenApi, RefOr, Required};

use super::operations;

/// Marks the bodies that may be left out.
pub(super) fn mark_optional(document: &mut OpenApi) {
    let Some(components) = &document.components else { return };
    for operation in document.paths.paths.values_mut().flat_map(operations) {
        mark(operation, components);
    }
}

fn mark(operation: &mut Operation, components: &Components) {
    let Some(RefOr::T(body)) = &mut operation.request_body else { return };
    let is_required = body.content.values().any(|content| match content {
        RefOr::T(Content { schema: Some(RefOr::Ref(schema)), .. }) => {
            has_required_members(&schema.ref_location, components)
        }
        _ => true,
    });
    body.required = Some(if is_required { Required::True } else { Required::False });
}

fn has_required_members(reference: &str, components: &Components) -> bool {
    let schema = reference.rsplit('/').next().and_then(|name| components.schemas.get(name));
    match schema {
        Some(RefOr::T(Schema::Object(object))) => !object.required.is_empty(),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::ApiConfig;

    #[test]
    fn only_operations_with_required_members_need_a_body() {
        let mut document = super::super::openapi(&ApiConfig::default());
        let required = document.paths.paths.values_mut().flat_map(operations).filter_map(|operation| {
            let Some(RefOr::T(body)) = &operation.request_body else { return None };
            Some((operation.operation_id.clone()?, body.required == Some(Required::True)))
        });
        let required: Vec<_> = required.filter(|(_, is_required)| *is_required).map(|(id, _)| id).collect();
        assert_eq!(
            required,
            ["changePassword", "login", "refresh", "register", "resetPassword", "createUser", "bulkUsers"]
        );
    }
}
