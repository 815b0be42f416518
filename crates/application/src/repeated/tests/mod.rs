//! What becomes of a request that is sent more than once.

mod carrying_out;
mod reserving;

use domain::values::Digest;

use super::{Answers, BeginError, Begun, RepeatedRequests, Ticket};
use crate::RequestContext;
use crate::fixture::World;

const KEY: &str = "key-1";

impl World {
    fn repeated(&self) -> RepeatedRequests {
        RepeatedRequests::new(&self.users)
    }

    fn fingerprint(&self, context: &RequestContext, request: &str) -> Digest {
        self.repeated().fingerprint(context, &[request.as_bytes()])
    }

    async fn begin(&self, context: &RequestContext, request: &str) -> Result<Begun, BeginError> {
        let fingerprint = self.fingerprint(context, request);
        self.repeated().begin(context, "192.0.2.1", KEY, fingerprint).await
    }

    /// The ticket of a request that nobody carries out, and the caller with it in hand.
    async fn first(&self, context: &RequestContext, request: &str) -> (Ticket, RequestContext) {
        let begun = self.begin(context, request).await;
        let Ok(Begun::First(ticket)) = begun else { panic!("{begun:?}") };
        let holder = RequestContext { once: Some(ticket.clone()), ..context.clone() };
        (ticket, holder)
    }

    async fn again(&self, context: &RequestContext, request: &str) -> Answers {
        let begun = self.begin(context, request).await;
        let Ok(Begun::Again(answers)) = begun else { panic!("{begun:?}") };
        answers
    }

    async fn is_running(&self, context: &RequestContext, request: &str) -> bool {
        matches!(self.begin(context, request).await, Err(BeginError::Running))
    }
}
