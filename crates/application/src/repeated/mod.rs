//! Requests that are carried out once, however often they are sent (`Idempotency-Key`).
//!
//! Whoever [begins](RepeatedRequests::begin) a request holds its [`Ticket`] and hands it to the use case in the
//! [`RequestContext`](crate::RequestContext): the answer is kept in the very unit of work that makes the change, so that
//! no crash can come between the two.

mod answer;
mod requests;
#[cfg(test)]
mod tests;
mod ticket;

pub(crate) use answer::only;
pub use answer::{Answer, Answers, Repeatable};
pub(crate) use requests::KEPT;
pub use requests::{BeginError, Begun, RepeatedRequests};
pub(crate) use ticket::Progress;
pub use ticket::Ticket;
