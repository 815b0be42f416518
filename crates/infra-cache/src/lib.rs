//! What is kept in memory about sessions, limits of requests, and Redis, which lets replicas share them.
//!
//! | port | here |
//! |---|---|
//! | [`AccessDirectory`](domain::ports::AccessDirectory), [`ChangeListener`](domain::ports::ChangeListener) | [`SessionDirectory`] |
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
//! | says something untrue | it can shift limits; nothing about sessions is believed from it |
//!
//! # How an answer is known to be new
//!
//! Every [`forget`](domain::ports::AccessDirectory::forget) has a number, and leaves it as a mark at the users and sessions
//! it is about. An answer of the database carries the number of the newest forget before its query *began*. It may be given
//! out as long as there is no greater mark at its session or its user: so a query that was under way while something
//! changed is asked again, and what is in memory needs not be searched for what to drop. As long as nothing at all was
//! forgotten since, which is nearly always, looking for marks takes the comparison of two numbers.

mod directory;
mod limits;
mod redis_link;
mod wake_ups;

pub use directory::SessionDirectory;
pub use limits::{LocalRateLimiter, SharedRateLimiter};
pub use redis_link::{OpenRedisError, RedisHealth, RedisLink};
pub use wake_ups::WakeUps;
