//! Users, their rules and the ports to the outside: no runtime, no framework, no database.
//!
//! | module | what lives there |
//! |---|---|
//! | [`values`] | names, addresses, passwords, roles: once parsed, valid |
//! | [`user`] | [`User`](user::User) and the transitions that are the only way to change one |
//! | [`input`] | composite input as people send it, checked member by member |
//! | [`session`] | sessions and the refresh tokens that keep them going |
//! | [`login`] | names people sign in with, and the waits after failures |
//! | [`query`] | filters, sorts, windows and positions of listings |
//! | [`access`] | actors, permissions and what a role may do |
//! | [`audit`] | what is written down about each change |
//! | [`ports`] | traits that adapters implement, documented as promises |

pub mod access;
pub mod audit;
pub mod input;
pub mod login;
pub mod ports;
pub mod query;
pub mod session;
pub mod user;
pub mod values;
pub mod violation;
