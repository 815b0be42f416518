//! Letting users sign in again whose suspension's time is up.

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
        let context = RequestContext::system();
        let mut ended = 0;
        loop {
            let due = self.ports.queries.suspensions_ended(self.ports.clock.now(), ROUND).await?;
            for uuid in &due {
                let target = Target::living((*uuid).into(), Precondition::None);
                match self.change(&context, &target, |user, now| Ok(user.end_suspension(now))).await {
                    Ok(_) => ended += 1,
                    Err(ChangeUserError::NotFound) => {}
                    Err(error) => return Err(error),
                }
            }
            if due.len() < ROUND as usize {
                return Ok(ended);
            }
        }
    }
}
