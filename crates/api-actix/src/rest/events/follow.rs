//! `GET /events`.

use std::time::Duration;

use actix_web::http::header::{ACCEPT, HeaderMap};
use actix_web::{HttpMessage, HttpResponse, get};
use application::audit::FeedPage;
use tokio::time::{Instant, sleep};

use super::followers::{NOT_YET, Woken};
use super::stream;
use crate::edge::RequestScope;
use crate::error_code::ErrorCode;
use crate::problem::{FieldProblem, Problem};
use crate::query::Query;
use crate::rest::audit::schema::FeedResponse;
use crate::rest::audit::{json, limit, show};
use crate::rest::call::Call;

pub(super) const ERRORS: &[ErrorCode] = &[ErrorCode::ValidationFailed, ErrorCode::Forbidden];

/// The most events in an answer where it is not said.
const DEFAULT_LIMIT: u32 = 100;

/// The longest that anybody waits.
const MAX_WAIT: u64 = 60;

/// What is left for answering behind the wait.
const ANSWER_TIME: Duration = Duration::from_secs(15);

/// Follow what happens.
///
/// Events in the order of the chain: positions are dense from 1, none is skipped and none comes twice, whoever writes. With `wait`
/// an answer without news is held back until there are some. With `Accept: text/event-stream` the answer is a stream
/// (Server-Sent Events) that goes on until the client leaves, falls silent for too long, or may not read it any more; the id
/// of each of its events is the position to go on behind.
#[utoipa::path(
    tag = "audit",
    operation_id = "followEvents",
    params(
        ("after" = Option<i64>, Query, minimum = 0, description = "The position that is known already: that of the last answer; 0 where it is missing.", example = 0),
        ("wait" = Option<u64>, Query, minimum = 0, description = "For how many seconds to wait for news; 0 where it is missing, more than 60 is taken as 60.", example = 25),
        ("limit" = Option<u32>, Query, minimum = 1, description = "How many events at most; 100 where it is missing, more than 500 is taken as 500. A stream has no end, and so no limit.", example = 100),
        ("Last-Event-ID" = Option<String>, Header, description = "For a stream: the id of the last event that came; goes before `after`. Browsers send it by themselves."),
        ("Accept" = Option<String>, Header, description = "`text/event-stream` for a stream."),
    ),
    responses((
        status = 200, description = "The next events, or a stream of them.",
        content((FeedResponse = "application/json"), (String = "text/event-stream", example = "id: 7\nevent: user.updated\ndata: {\"id\":\"…\"}\n\n"))
    ))
)]
#[get("")]
pub(super) async fn follow_events(call: Call) -> Result<HttpResponse, Problem> {
    let mut asked = Asked::read(call.request().query_string())?;
    if wants_stream(call.request().headers()) {
        if let Some(last) = last_event_id(call.request().headers())? {
            asked.after = last;
        }
        return stream::begin(&call, asked.after).await;
    }
    let page = next_page(&call, &asked).await?;
    Ok(show(json::feed(&page)))
}

/// The next events; if there are none, those that come before the wait is over.
async fn next_page(call: &Call, asked: &Asked) -> Result<FeedPage, Problem> {
    let (api, reader) = (call.api(), call.reader());
    let mut page = api.trail.follow(&reader, asked.after, asked.limit).await?;
    if !page.events.is_empty() || asked.wait.is_zero() {
        return Ok(page);
    }
    let _place = api.followers.enter()?;
    if let Some(scope) = call.request().extensions().get::<RequestScope>() {
        scope.extend(asked.wait + ANSWER_TIME);
    }
    let end = Instant::now() + asked.wait;
    while page.events.is_empty() {
        let left = end.saturating_duration_since(Instant::now());
        let woken = api.followers.wait(asked.after, left).await?;
        // Who asked so long ago may not be let in any more.
        call.is_still_in().await?;
        if woken != Woken::News {
            break;
        }
        page = api.trail.follow(&reader, asked.after, asked.limit).await?;
        if page.events.is_empty() {
            sleep(NOT_YET.min(left)).await;
        }
    }
    Ok(page)
}

struct Asked {
    after: i64,
    wait: Duration,
    limit: u32,
}

impl Asked {
    fn read(query: &str) -> Result<Self, Problem> {
        let mut query = Query::parse(query)?;
        let after = query.count("after").map_or(0, position);
        let wait = Duration::from_secs(query.count("wait").unwrap_or(0).min(MAX_WAIT));
        let limit = limit(&mut query).unwrap_or(DEFAULT_LIMIT);
        query.finish()?;
        Ok(Self { after, wait, limit })
    }
}

/// Databases count with signed numbers.
fn position(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn wants_stream(headers: &HeaderMap) -> bool {
    headers.get_all(ACCEPT).filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(',')).any(|range| {
        let mut parts = range.split(';').map(str::trim);
        let is_stream = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("text/event-stream"));
        let is_refused = |part: &str| {
            part.split_once('=').is_some_and(|(name, value)| {
                name.trim().eq_ignore_ascii_case("q") && value.trim().parse::<f32>().is_ok_and(|weight| weight == 0.0)
            })
        };
        is_stream && !parts.any(is_refused)
    })
}

/// The position that a client who comes back has seen.
fn last_event_id(headers: &HeaderMap) -> Result<Option<i64>, Problem> {
    let Some(line) = headers.get("last-event-id") else { return Ok(None) };
    let text = line.to_str().unwrap_or("-").trim();
    if text.is_empty() {
        return Ok(None);
    }
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        let detail = "It must be the id of an event of this stream";
        return Err(Problem::validation(vec![FieldProblem::new("Last-Event-ID", "not_a_number", detail)]));
    }
    Ok(Some(position(text.parse().unwrap_or(u64::MAX))))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn headers(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn a_stream_is_for_those_who_name_its_type() {
        for (accept, wants) in [
            ("text/event-stream", true),
            ("TEXT/Event-Stream; charset=utf-8", true),
            ("application/json, text/event-stream;q=0.5", true),
            ("text/event-stream;q=0", false),
            ("text/event-stream;q=0.0, */*", false),
            ("*/*", false),
            ("text/*", false),
            ("application/json", false),
            ("", false),
        ] {
            assert_eq!(wants_stream(&headers(ACCEPT, accept)), wants, "{accept}");
        }
        assert!(!wants_stream(&HeaderMap::new()));
    }

    #[test]
    fn the_id_of_the_last_event_is_a_position() {
        let read = |value| last_event_id(&headers(HeaderName::from_static("last-event-id"), value)).ok();
        assert_eq!((read("7"), read(" 0 "), read("")), (Some(Some(7)), Some(Some(0)), Some(None)));
        assert_eq!(read("99999999999999999999999"), Some(Some(i64::MAX)));
        assert_eq!((read("-1"), read("abc"), read("7.0")), (None, None, None));
        assert_eq!(last_event_id(&HeaderMap::new()).unwrap(), None);
    }
}
