//! Compression of large answers that have no `ETag`.
//!
//! A strong `ETag` may not name two encodings, and below a kilobyte compressing costs more than it saves; so small and
//! tagged answers go out as they are, as do those with secrets, and everything else says `Vary: Accept-Encoding` whether compressed or not.

use actix_http::encoding::Encoder;
use actix_web::Error;
use actix_web::HttpRequest;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    ACCEPT_ENCODING, AcceptEncoding, CONTENT_ENCODING, ContentEncoding, ETAG, Encoding, Header, HeaderName,
    HeaderValue, VARY,
};
use actix_web::middleware::Next;

/// The largest body that is sent as it is.
const SMALL: u64 = 1024;

/// What we can do, best first.
const SUPPORTED: [ContentEncoding; 4] =
    [ContentEncoding::Brotli, ContentEncoding::Zstd, ContentEncoding::Gzip, ContentEncoding::Identity];

/// Marks a streamed answer as worth compressing, by standing in its extensions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Compressible;

/// Marks an answer that holds a secret, by standing in its extensions: what it is compressed with could be guessed from
/// its length.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Incompressible;

/// The layer.
pub(crate) async fn compress(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(request).await?;
    if !is_worth_it(&response) {
        return Ok(response.map_into_boxed_body());
    }
    let encoding = negotiate(response.request());
    let mut response = response.map_body(|head, body| BoxBody::new(Encoder::response(encoding, head, body)));
    // The encoder says so itself, but only if it encodes.
    if !response.headers().get_all(VARY).any(|value| *value == VARY_VALUE) {
        response.headers_mut().append(VARY, VARY_VALUE);
    }
    Ok(response)
}

const VARY_VALUE: HeaderValue = HeaderValue::from_static("accept-encoding");

fn is_worth_it(response: &ServiceResponse<impl MessageBody>) -> bool {
    let is_large = match response.response().body().size() {
        BodySize::Sized(size) => size > SMALL,
        BodySize::Stream => response.response().extensions().contains::<Compressible>(),
        BodySize::None => false,
    };
    let has = |name: HeaderName| response.headers().contains_key(name);
    is_large && !has(ETAG) && !has(CONTENT_ENCODING) && !response.response().extensions().contains::<Incompressible>()
}

/// The best encoding that the client takes; as it is, if it takes none of ours, which RFC 9110 §12.5.3 allows.
fn negotiate(request: &HttpRequest) -> ContentEncoding {
    if !request.headers().contains_key(ACCEPT_ENCODING) {
        return ContentEncoding::Identity;
    }
    let Ok(accepted) = AcceptEncoding::parse(request) else { return ContentEncoding::Identity };
    match accepted.negotiate(SUPPORTED.map(Encoding::Known).iter()) {
        Some(Encoding::Known(encoding)) => encoding,
        _ => ContentEncoding::Identity,
    }
}
