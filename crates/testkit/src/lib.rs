//! What tests need: builders that show only what matters, and ports that do as they are told.
//!
//! ```
//! use testkit::{FixedClock, user};
//!
//! let ann = user().named("ann").admin().inactive().build();
//! assert_eq!(ann.record().email.as_str(), "ann@example.org");
//!
//! let (one, other) = (user().build(), user().build());
//! assert_ne!(one.record().username, other.record().username);
//! ```
//!
//! | port | here | what a test can make it do |
//! |---|---|---|
//! | `Clock` | [`FixedClock`] | stand still, until [`advance`](FixedClock::advance) |
//! | `IdGenerator` | [`SequentialIds`] | give the same ids in each run |
//! | `PasswordHasher` | [`FakeHasher`] | be quick, be [overloaded](FakeHasher::overload) |
//! | `PasswordStrength` | [`FakeHasher`] | find `password` in any spelling weak |
//! | `SecretGenerator` | [`SequentialSecrets`] | count |
//! | `AccessTokens` | [`CountedTokens`] | sign nothing |
//! | `AccessDirectory`, `ChangeListener` | [`ForgetfulDirectory`] | be [blind](ForgetfulDirectory::blind), tell what it was [told](ForgetfulDirectory::told) |
//! | `Backoff` | [`ImmediateBackoff`] | try again at once, so many times |
//! | `CursorSealer` | [`PlainCursors`] | be read by a person |
//! | `OutcomeSealer` | [`PlainOutcomes`] | be read by a person |
//! | `SubjectSealer` | [`PlainSubjectKeys`] | be read by a person, use [another key](PlainSubjectKeys::replacing) |
//! | `AuditSigner` | [`PlainSigner`] | be anybody, [know](PlainSigner::knowing) others |
//! | storage | `infra_memory::MemoryStorage` | everything a database does |
//!
//! [`people`] are users by number, as readers see them. [`listings`] is what the tests of the SQL storages' query plans have in common.

mod access;
mod backoff;
mod clock;
mod cursors;
mod hasher;
mod hex;
mod ids;
pub mod listings;
mod mixing;
mod outcomes;
pub mod people;
mod secrets;
mod signer;
mod subject_keys;
mod user;

pub use access::{CountedTokens, ForgetfulDirectory};
pub use backoff::ImmediateBackoff;
pub use clock::FixedClock;
pub use cursors::PlainCursors;
pub use hasher::FakeHasher;
pub use ids::SequentialIds;
pub use outcomes::PlainOutcomes;
pub use secrets::SequentialSecrets;
pub use signer::PlainSigner;
pub use subject_keys::PlainSubjectKeys;
pub use user::{UserBuilder, user};
