//! What is kept in memory about sessions, users and their totals, limits of requests, and Redis, which lets replicas share them.
//!
//! | port | here |
//! |---|---|
//! | [`AccessDirectory`](domain::ports::AccessDirectory) | [`SessionDirectory`] |
//! | [`UserDirectory`](domain::ports::UserDirectory) | [`UserCache`], and [`SharedUsers`] behind it with `CACHE=redis` |
//! | [`UserQueries`](domain::ports::UserQueries) | [`KeptTotals`], which asks another for all but totals |
//! | [`ChangeFollower`](domain::ports::ChangeFollower), [`ChangeListener`](domain::ports::ChangeListener) | all three, and [`KeptInMemory`], which tells them |
//! | [`RateLimiter`](domain::ports::RateLimiter) | [`LocalRateLimiter`], and [`SharedRateLimiter`] where there is Redis |
//!
//! [`RedisLink`] is the one connection to Redis, and [`WakeUps`] is how replicas hear of changes sooner than they would by
//! looking.
//!
//! # Redis makes things better, never worse
//!
//! | if Redis | then |
//! |---|---|
//! | is not there at the start | the service starts, counts requests by itself, and says so once |
//! | stops answering | a request waits 100 ms for it at most, and later requests not at all |
//! | returns | it is used again within two seconds |
//! | loses a message | the change is seen by the next look into the change log |
//! | says something untrue | it can shift limits; nothing about sessions is believed from it, and about users only what is sealed and known to be new |
//!
//! # How an answer is known to be new
//!
//! Every change that is told has a number, and leaves it as a mark at the users and sessions
//! it is about. An answer of the database carries the number of the newest change before its query *began*. It may be given
//! out as long as there is no greater mark at its session or its user (of users, at the user): so a query that was under way while something
//! changed is asked again, and what is in memory needs not be searched for what to drop. As long as nothing at all was
//! told since, which is nearly always, looking for marks takes the comparison of two numbers.
//!
//! A total is of nobody in particular: each change that may matter takes all of them away, and those of a query that was under
//! way meanwhile are not kept.

mod counts;
mod directory;
mod kept;
mod limits;
mod memory;
mod redis_link;
mod totals;
#[cfg(test)]
mod trial;
mod users;
mod wake_ups;

pub use directory::SessionDirectory;
pub use kept::KeptInMemory;
pub use limits::{LocalRateLimiter, SharedRateLimiter};
pub use redis_link::{OpenRedisError, RedisHealth, RedisLink};
pub use totals::KeptTotals;
pub use users::{SharedUsers, UserCache};
pub use wake_ups::WakeUps;
