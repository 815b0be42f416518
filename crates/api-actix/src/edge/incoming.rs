//! A request's body while it may still be arriving.
//!
//! After an early answer (a 415, say) the server would read and drop the rest of the body without limit, so that an
//! endless sender stays connected for ever. It closes the connection only if the body is still *alive* when the answer
//! has been sent: so the answer itself keeps it.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::HttpMessage;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use actix_web::web::Bytes;
use futures_util::Stream;

/// What is read and dropped to keep a connection whose body is small and already here.
const DRAIN_LIMIT: usize = 64 * 1024;

/// The body of a request, shared between its reader and the edge.
#[derive(Clone)]
pub(super) struct IncomingBody(Rc<Shared>);

struct Shared {
    payload: RefCell<Payload>,
    ended: Cell<bool>,
}

impl IncomingBody {
    /// Puts itself between the request and its body; `None` where there is no body.
    pub(super) fn watch(request: &mut ServiceRequest) -> Option<Self> {
        let headers = request.headers();
        if !headers.contains_key(CONTENT_LENGTH) && !headers.contains_key(TRANSFER_ENCODING) {
            return None;
        }
        let shared = Shared { payload: RefCell::new(request.take_payload()), ended: Cell::new(false) };
        let body = Self(Rc::new(shared));
        request.set_payload(Payload::Stream { payload: Box::pin(body.clone()) });
        Some(body)
    }

    /// Whether more of the body may come.
    pub(super) fn is_open(&self) -> bool {
        !self.0.ended.get()
    }

    /// Drops what has already arrived, within a limit: a small body that nobody read need not cost the connection.
    pub(super) fn drain(&mut self, context: &mut Context<'_>) {
        let mut dropped = 0;
        while dropped < DRAIN_LIMIT && self.is_open() {
            match Pin::new(&mut *self).poll_next(context) {
                Poll::Ready(Some(Ok(chunk))) => dropped += chunk.len(),
                _ => break,
            }
        }
    }

    /// The answer's body, which keeps this one until it has been sent.
    pub(super) fn held_by(self, answer: BoxBody) -> BoxBody {
        BoxBody::new(Held { answer, _incoming: self })
    }
}

impl Stream for IncomingBody {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = Pin::new(&mut *self.0.payload.borrow_mut()).poll_next(context);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.0.ended.set(true);
        }
        polled
    }
}

struct Held {
    answer: BoxBody,
    _incoming: IncomingBody,
}

impl MessageBody for Held {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.answer.size()
    }

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        self.get_mut().answer.as_pin_mut().poll_next(context)
    }
}
