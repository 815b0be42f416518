//! Requests that are carried out once, however often they are sent: the header `Idempotency-Key`.
//!
//! A handler hands its work and its way of showing what came of it to [`Call::once`], for the first answer and for every
//! later one. It looks at the key behind the form of the request, and before anything that the state of things decides
//! (403, 404, 412, 409): what is wrong with a request itself is said each time, what came of it is said as it was.

use std::future::Future;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, IF_MATCH};
use application::RequestContext;
use application::repeated::{Answers, BeginError, Begun, Repeatable, RepeatedRequests, Ticket};
use domain::ports::StorageFault;
use domain::values::Digest;
use futures_util::future::LocalBoxFuture;

use super::call::Call;
use crate::error_code::ErrorCode;
use crate::problem::Problem;
use crate::run_to_end::WriteTasks;

/// The request header.
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The header of an answer that was given before.
const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The longest key.
const MAX_KEY: usize = 255;

/// How often the lease of a request is renewed while it is carried out: well before it ends.
const RENEWAL: Duration = Duration::from_secs(20);

/// Seconds after which the answer of a request may be there that is running.
const SOON: u64 = 1;

impl Call {
    /// Answers a request that changes something: carries out its `work`, or, where its key was seen before, shows again what
    /// came of it then.
    ///
    /// # Errors
    ///
    /// - [`ErrorCode::MalformedRequest`] for a key that is none.
    /// - [`ErrorCode::RequestInProgress`] while the same request is carried out.
    /// - [`ErrorCode::IdempotencyKeyReused`] if the key belongs to another request.
    /// - That of `work`; nothing is kept of it.
    pub(crate) fn once<'a, T: Repeatable + 'a>(
        &'a self,
        work: impl Future<Output = Result<T, Problem>> + 'a,
        show: impl FnOnce(&T) -> HttpResponse + 'a,
    ) -> impl Future<Output = Result<HttpResponse, Problem>> + 'a {
        // Changes are large futures, and this holds one in several places.
        self.answer_once(Box::pin(work), show)
    }

    async fn answer_once<T: Repeatable>(
        &self,
        work: LocalBoxFuture<'_, Result<T, Problem>>,
        show: impl FnOnce(&T) -> HttpResponse,
    ) -> Result<HttpResponse, Problem> {
        let Some(key) = key(self.request().headers())? else { return Ok(show(&work.await?)) };
        self.is_still_in().await?;
        match self.begin(key).await? {
            Begin::Again(answers) => {
                let Some(answer) = T::again(answers) else { return Err(erased()) };
                let mut response = show(&answer);
                response.headers_mut().insert(IDEMPOTENCY_REPLAYED, HeaderValue::from_static("true"));
                Ok(response)
            }
            Begin::First(reserved) => {
                let ticket = reserved.ticket.clone();
                self.reserve(Some(*reserved));
                let result = self.renewing(&ticket, work).await;
                let reserved = self.take_reserved();
                match (result, reserved) {
                    (Ok(answer), Some(reserved)) => {
                        reserved.complete(answer.answers()).await?;
                        Ok(show(&answer))
                    }
                    (Ok(answer), None) => Ok(show(&answer)),
                    (Err(problem), reserved) => {
                        if let Some(reserved) = reserved {
                            reserved.give_up().await;
                        }
                        Err(problem)
                    }
                }
            }
        }
    }

    async fn begin(&self, key: String) -> Result<Begin, Problem> {
        let (requests, tasks) = (self.api().repeated.clone(), self.api().tasks.clone());
        let (context, network) = (self.reader(), self.network());
        let fingerprint = self.fingerprint(&context);
        let begin = async move {
            Ok::<_, BeginError>(match requests.begin(&context, &network, &key, fingerprint).await? {
                Begun::First(ticket) => Begin::First(Box::new(Reserved { ticket, requests, tasks, is_settled: false })),
                Begun::Again(answers) => Begin::Again(answers),
            })
        };
        self.api().tasks.run_to_end(begin).await
    }

    /// What stands for this request: everything that its answer depends on, but who asks and the state of things.
    fn fingerprint(&self, context: &RequestContext) -> Digest {
        let request = self.request();
        let conditions: Vec<_> = request.headers().get_all(IF_MATCH).map(HeaderValue::as_bytes).collect();
        let body = self.body_fingerprint();
        self.api().repeated.fingerprint(
            context,
            &[
                request.method().as_str().as_bytes(),
                request.path().as_bytes(),
                request.query_string().as_bytes(),
                &conditions.join(&b','),
                body.as_ref().map_or(&[], |digest| digest.bytes().as_slice()),
            ],
        )
    }

    /// Waits for the work, and keeps others from beginning it meanwhile however long it takes.
    async fn renewing<T>(&self, ticket: &Ticket, mut work: LocalBoxFuture<'_, T>) -> T {
        loop {
            if let Ok(done) = tokio::time::timeout(RENEWAL, &mut work).await {
                return done;
            }
            let (requests, ticket) = (self.api().repeated.clone(), ticket.clone());
            // Whatever comes of it: without a lease somebody else may begin, and then this work changes nothing any more.
            self.api().tasks.begin(async move { drop(requests.renew(&ticket).await) });
        }
    }
}

enum Begin {
    First(Box<Reserved>),
    Again(Answers),
}

/// A request that nobody else carries out meanwhile. Dropped before something came of it, it is given up.
pub(super) struct Reserved {
    ticket: Ticket,
    requests: RepeatedRequests,
    tasks: WriteTasks,
    is_settled: bool,
}

impl Reserved {
    pub(super) fn ticket(&self) -> &Ticket {
        &self.ticket
    }

    /// Keeps what came of it, unless that was done with the change.
    async fn complete(mut self, answers: Answers) -> Result<(), Problem> {
        if !self.ticket.is_open() {
            return Ok(());
        }
        let (requests, ticket) = (self.requests.clone(), self.ticket.clone());
        self.tasks.run_to_end(async move { requests.complete(&ticket, &answers).await }).await?;
        self.is_settled = true;
        Ok(())
    }

    /// Lets it be carried out when it is sent again, which may be at once.
    async fn give_up(mut self) {
        self.is_settled = true;
        let (requests, ticket) = (self.requests.clone(), self.ticket.clone());
        // If that fails, it ends with its lease.
        drop(self.tasks.run_to_end(async move { requests.give_up(&ticket).await }).await);
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        if self.is_settled || !self.ticket.is_open() {
            return;
        }
        let (requests, ticket) = (self.requests.clone(), self.ticket.clone());
        self.tasks.begin(async move { drop(requests.give_up(&ticket).await) });
    }
}

impl From<BeginError> for Problem {
    fn from(error: BeginError) -> Self {
        match error {
            BeginError::Running => Self::of(ErrorCode::RequestInProgress).retry_after(SOON),
            BeginError::Reused => Self::of(ErrorCode::IdempotencyKeyReused),
            // Nothing but the reservation is in doubt.
            BeginError::Storage(error) if error.fault() == StorageFault::UnknownOutcome => Self::unavailable(error),
            BeginError::Storage(error) => error.into(),
        }
    }
}

/// Whether the request is one to be carried out once.
pub(super) fn has_key(headers: &HeaderMap) -> bool {
    headers.contains_key(IDEMPOTENCY_KEY)
}

fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut lines = headers.get_all(IDEMPOTENCY_KEY);
    let Some(line) = lines.next() else { return Ok(None) };
    let is_key = (1..=MAX_KEY).contains(&line.len()) && line.as_bytes().iter().all(u8::is_ascii_graphic);
    if !is_key || lines.next().is_some() {
        let detail = "The header idempotency-key must stand once and have 1 to 255 visible characters of ASCII";
        return Err(Problem::new(ErrorCode::MalformedRequest, detail));
    }
    Ok(Some(line.as_bytes().iter().copied().map(char::from).collect()))
}

fn erased() -> Problem {
    let detail = "The request was carried out, but whom its answer described was erased since";
    Problem::new(ErrorCode::UserNotFound, detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&[u8]]) -> Result<Option<String>, ErrorCode> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(IDEMPOTENCY_KEY, HeaderValue::from_bytes(line).unwrap());
        }
        key(&headers).map_err(|problem| problem.code())
    }

    #[test]
    fn a_key_is_one_line_of_visible_characters() {
        let longest = "k".repeat(255);
        assert_eq!(read(&[]), Ok(None));
        assert_eq!(read(&[b"\"8e03978e-40d5-43e8-bc93-6894a57f9324\""]).unwrap().unwrap().len(), 38);
        assert_eq!(read(&[longest.as_bytes()]), Ok(Some(longest)));
    }

    #[test]
    fn anything_else_is_malformed() {
        let too_long = "k".repeat(256);
        let cases: [&[&[u8]]; 6] =
            [&[b""], &[too_long.as_bytes()], &[b"a b"], &[b"a\tb"], &["é".as_bytes()], &[b"a", b"b"]];
        for lines in cases {
            assert_eq!(read(lines), Err(ErrorCode::MalformedRequest), "{lines:?}");
        }
    }
}
