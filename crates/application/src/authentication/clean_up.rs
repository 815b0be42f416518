//! Letting go of what is over.

use chrono::TimeDelta;
use domain::audit::Event;
use domain::ports::StorageError;

use super::Authentication;
use crate::RequestContext;
use crate::recording::{Outcome, record};
use crate::repeated::KEPT;
use crate::retry::retry;

/// A spent token that comes back late is still known as one for so long after its session ended.
const SESSIONS_KEPT: TimeDelta = TimeDelta::days(7);
/// A network that nobody came from for so long is a strange one again.
const NETWORKS_KEPT: TimeDelta = TimeDelta::days(180);
/// How much is deleted in one unit of work: others want to write, too.
const BATCH: u32 = 500;

/// How much was deleted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CleanedUp {
    /// Sessions, with their refresh tokens.
    pub sessions: u64,
    /// Failed sign-ins, and networks.
    pub logins: u64,
    /// Tokens that were good once.
    pub one_time_tokens: u64,
    /// Requests that were carried out once, with their answers.
    pub requests: u64,
}

impl CleanedUp {
    /// Whether more may be left than was deleted.
    pub fn may_go_on(&self) -> bool {
        // Of sessions with many tokens, and of requests with many parts, a round deletes few.
        self.sessions > 0
            || self.requests > 0
            || [self.logins, self.one_time_tokens].iter().any(|count| *count >= u64::from(BATCH))
    }
}

impl Authentication {
    /// Deletes a part of what nobody needs any more: sessions that ended a week ago, failures that are forgotten, networks
    /// of old, expired tokens, what came of requests a day ago.
    ///
    /// # Errors
    ///
    /// [`StorageError`] only.
    pub async fn clean_up(&self) -> Result<CleanedUp, StorageError> {
        let now = self.ports.clock.now();
        retry(&*self.ports.backoff, || async {
            let mut unit = self.ports.storage.begin().await?;
            let cleaned = CleanedUp {
                sessions: unit.sessions().clean_up(now - SESSIONS_KEPT, BATCH).await?,
                logins: unit.logins().clean_up(now, now - NETWORKS_KEPT, BATCH).await?,
                one_time_tokens: unit.one_time_tokens().clean_up(now, BATCH).await?,
                requests: unit.idempotency().clean_up(now - KEPT, BATCH).await?,
            };
            // Also where nothing is counted: of a session with very many tokens some of these are gone.
            record(unit, &RequestContext::system(), &self.ports, now, Vec::<Event>::new(), Outcome::Done).await?;
            Ok(cleaned)
        })
        .await
    }
}
