//! What is true of every operation of both planes, for their OpenAPI documents.

use utoipa::openapi::{
    Content, OpenApi, Ref, RefOr, Required, ResponseBuilder,
    path::{Operation, ParameterBuilder, ParameterIn},
    schema::{ObjectBuilder, Type},
    security::{Http, HttpAuthScheme, SecurityScheme},
};

/// Any error is a problem, and where `is_of_tenant` the tenant may be named by a header.
pub fn complete(document: &mut OpenApi, is_of_tenant: impl Fn(&str) -> bool) {
    let components = document.components.get_or_insert_with(Default::default);
    components.add_security_scheme("bearer", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    for (path, item) in &mut document.paths.paths {
        let operations = [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete, &mut item.options];
        for operation in operations.into_iter().flatten().filter(|_| path.starts_with("/api/")) {
            let problem = Content::new(Some(Ref::from_schema_name("Problem")));
            let problem = ResponseBuilder::new().description("A problem").content("application/problem+json", problem).build();
            operation.responses.responses.insert("default".into(), RefOr::T(problem));
            if is_of_tenant(path) {
                name_tenant(operation);
            }
        }
    }
}

fn name_tenant(operation: &mut Operation) {
    let header = ParameterBuilder::new()
        .name("X-Tenant")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("The tenant's slug, unless the host names it"))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).build()))
        .build();
    operation.parameters.get_or_insert_default().push(RefOr::T(header));
}
