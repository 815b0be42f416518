//! The end of a request's time.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use tokio::time::{Instant, Sleep, sleep_until};

use super::scope::RequestScope;

pin_project! {
    /// Ready when the request's time is over, however often it was extended meanwhile.
    ///
    /// The timer is made on the first wait: a request that is answered at once never touches it.
    pub(super) struct Deadline {
        scope: RequestScope,
        #[pin]
        timer: Option<Sleep>,
    }
}

impl Deadline {
    pub(super) fn new(scope: RequestScope) -> Self {
        Self { scope, timer: None }
    }
}

impl Future for Deadline {
    type Output = ();

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        loop {
            let deadline = this.scope.deadline();
            let Some(timer) = this.timer.as_mut().as_pin_mut() else {
                this.timer.set(Some(sleep_until(deadline)));
                continue;
            };
            match timer.poll(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(()) if deadline > Instant::now() => this.timer.set(Some(sleep_until(deadline))),
                Poll::Ready(()) => return Poll::Ready(()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::request_id::RequestId;
    use super::*;

    #[actix_web::test]
    async fn a_deadline_that_is_moved_is_waited_for() {
        let started = Instant::now();
        let scope = RequestScope::new(RequestId::next(), started + Duration::from_millis(20));
        let deadline = Deadline::new(scope.clone());
        scope.extend(Duration::from_millis(80));
        deadline.await;
        assert!(started.elapsed() >= Duration::from_millis(80));
    }
}
