//! Letting users sign in again whose suspension's time is up.

use domain::values::UserUuid;

use super::change::Target;
use super::{ChangeUserError, Precondition, Users};
use crate::RequestContext;

/// How many suspensions one round ends at most.
const ROUND: u32 = 100;

impl Users {
    /// Activates users whose suspension has ended, and says how many. Run it at least once a minute.
    ///
    /// Several replicas may run it at once: whoever comes second finds nothing to change.
    ///
    /// # Errors
    ///
    /// [`ChangeUserError::Storage`]; those who were activated before stay so.
    #[tracing::instrument(level = "debug", skip_all)]
    pub async fn end_suspensions(&self) -> Result<u64, ChangeUserError> {
        let mut ended = 0;
        loop {
            let due = self.ports.queries.suspensions_ended(self.ports.clock.now(), ROUND).await?;
            let mut ended_now = 0;
            for user in &due {
                ended_now += u64::from(self.end_suspension(*user).await?);
            }
            ended += ended_now;
            // A round of users who all stay as they are would only come again.
            if due.len() < ROUND as usize || ended_now == 0 {
                return Ok(ended);
            }
        }
    }

    /// Whether this call ended it, and nobody else before.
    async fn end_suspension(&self, user: UserUuid) -> Result<bool, ChangeUserError> {
        let context = RequestContext::system();
        let target = Target::living(user.into(), Precondition::None);
        let ended = self.change(&context, &target, |user, now| match user.end_suspension(now) {
            events if events.is_empty() => Err(ChangeUserError::NotFound),
            events => Ok(events),
        });
        match ended.await {
            Ok(_) => Ok(true),
            Err(ChangeUserError::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
