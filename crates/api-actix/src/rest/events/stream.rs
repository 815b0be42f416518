//! The feed as Server-Sent Events (WHATWG HTML §9.2).

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::web::Bytes;
use application::RequestContext;
use application::audit::FollowError;
use application::authentication::Reach;
use futures_util::stream;
use tokio::time::{Instant, sleep};

use super::followers::{NOT_YET, Place, Woken};
use crate::problem::Problem;
use crate::rest::audit::{UNSTORED, json};
use crate::rest::call::{Api, Call};

/// Events that are read at once: each may have metadata of many kilobytes, and all of them are in memory until they are
/// sent.
const PAGE: u32 = 50;

/// How long somebody whose session ended goes on reading at most.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// What a client gets to see first: that it is connected, and after how long to come back if it is not any more.
const HELLO: &str = ": following\nretry: 3000\n\n";

/// Keeps proxies from taking silence for the end.
const HEARTBEAT: &str = ": still here\n\n";

/// nginx would hold back what it has not enough of.
const UNBUFFERED: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));

/// A stream of everything after this position.
///
/// # Errors
///
/// Those of the feed's first page, and [`Unavailable`](crate::error_code::ErrorCode::Unavailable) if too many follow.
pub(super) async fn begin(call: &Call, after: i64) -> Result<HttpResponse, Problem> {
    // Refuses whoever may not, while there is a head to say so in.
    call.api().trail.follow(&call.reader(), after, 1).await?;
    let place = call.api().followers.enter()?;
    let now = Instant::now();
    let following = Following {
        api: call.shared_api(),
        reader: call.reader(),
        token: call.token()?,
        _place: place,
        after,
        is_new: true,
        is_due: true,
        looked_at: now,
        sent_at: now,
    };
    let parts = stream::unfold(following, |mut following| async move {
        let part = following.next().await?;
        Some((Ok::<_, Infallible>(Bytes::from(part)), following))
    });
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        .insert_header(UNSTORED)
        .insert_header(UNBUFFERED)
        .streaming(parts))
}

/// Somebody who follows. Nothing is read for them before they have taken what was read before.
struct Following {
    api: Arc<Api>,
    reader: RequestContext,
    /// What they came with, if they came with anything.
    token: Option<String>,
    _place: Place,
    after: i64,
    is_new: bool,
    /// Whether there may be news to be read.
    is_due: bool,
    /// When it was last made sure that they may read.
    looked_at: Instant,
    sent_at: Instant,
}

impl Following {
    /// What to send next; `None` at the end.
    async fn next(&mut self) -> Option<String> {
        if self.sent_at.elapsed() > self.api.followers.unread_time {
            tracing::debug!("a follower left events unread for too long");
            return None;
        }
        let part = if std::mem::take(&mut self.is_new) { Some(HELLO.to_owned()) } else { self.news().await };
        self.sent_at = Instant::now();
        part
    }

    async fn news(&mut self) -> Option<String> {
        let silent_until = Instant::now() + self.api.followers.heartbeat;
        let mut was_told = false;
        loop {
            if !self.may_read().await {
                return None;
            }
            if self.is_due {
                let page = self.api.trail.follow(&self.reader, self.after, PAGE).await.inspect_err(log).ok()?;
                self.is_due = !page.events.is_empty();
                if self.is_due {
                    self.after = page.position;
                    return Some(json::stream(&page));
                }
                if was_told {
                    sleep(NOT_YET).await;
                }
            }
            let left = silent_until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Some(HEARTBEAT.to_owned());
            }
            let woken = self.api.followers.wait(self.after, left.min(LOOK_AGAIN)).await;
            match woken.map_err(FollowError::from).inspect_err(log).ok()? {
                Woken::Ending => return None,
                Woken::Late => {}
                Woken::News => (self.is_due, was_told) = (true, true),
            }
        }
    }

    /// Whether their session goes on, looked at again from time to time, from memory.
    async fn may_read(&mut self) -> bool {
        let Some(token) = &self.token else { return true };
        if self.looked_at.elapsed() < LOOK_AGAIN {
            return true;
        }
        self.looked_at = Instant::now();
        self.api.authentication.authenticate(token, Reach::Everything).await.is_ok()
    }
}

/// The client comes back and is told what is wrong.
fn log(error: &FollowError) {
    match error {
        FollowError::Missing(_) => tracing::error!(%error, "a stream of events ended: {error}"),
        FollowError::Forbidden | FollowError::Storage(_) => {
            tracing::warn!(%error, "a stream of events ended: {error}");
        }
    }
}
