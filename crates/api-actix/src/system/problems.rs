//! `GET /problems/<code>`: the page to which a problem's `type` leads.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, get};

use super::page::{escape, render, with_code};
use crate::error_code::ErrorCode;
use crate::problem::Problem;

/// All codes, for people who look around.
#[get("/problems")]
pub(crate) async fn index() -> HttpResponse {
    let rows: Vec<_> = ErrorCode::ALL
        .iter()
        .map(|code| {
            let (text, title) = (code.as_str(), escape(code.title()));
            let status = code.status().as_u16();
            format!("<tr><td>{status}</td><td><a href=\"/problems/{text}\"><code>{text}</code></a></td><td>{title}</td></tr>")
        })
        .collect();
    let body = format!(
        "<h1>Problems</h1><p>Every error answer is <code>application/problem+json</code> (RFC 9457). Programs branch on \
         its <code>code</code>; its <code>type</code> leads to one of these pages.</p>\
         <table><tr><th>Status</th><th>Code</th><th>Meaning</th></tr>{}</table>",
        rows.concat()
    );
    render(HttpResponse::Ok(), "Problems", &body)
}

/// What one code means, and what to do.
///
/// The page, for people, to which the `type` of a problem leads.
#[utoipa::path(
    tag = "system",
    operation_id = "getProblemPage",
    params(("code" = String, Path, description = "The `code` of a problem.", example = "validation_failed")),
    responses((
        status = 200, description = "The page of the code.", body = String, content_type = "text/html",
        example = "<!doctype html><html lang=\"en\">…</html>"
    ))
)]
#[get("/problems/{code}")]
pub(crate) async fn page(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let code = request.match_info().query("code");
    let Some(code) = ErrorCode::parse(code) else { return Err(Problem::of(ErrorCode::NotFound)) };
    Ok(render(HttpResponse::Ok(), code.title(), &body_of(code)))
}

fn body_of(code: ErrorCode) -> String {
    let (title, explanation) = (escape(code.title()), with_code(code.explanation()));
    let (status, text) = (reason(code.status()), code.as_str());
    format!(
        "<p><a href=\"/problems\">All problems</a></p><h1>{title}</h1>\
         <p class=\"status\"><code>{text}</code> · {status}</p><p>{explanation}</p>"
    )
}

fn reason(status: StatusCode) -> String {
    format!("{} {}", status.as_u16(), status.canonical_reason().unwrap_or_default())
}
