//! Composite input as people send it, checked member by member.
//!
//! Each type holds raw text and has a `parse` that gives valid values or every wrong member, not only the first. What
//! is wrong is found by garde with one rule per member; the rules themselves are those of [`crate::values`].

mod change;
mod deactivation;
mod imported_user;
mod new_user;
mod report;
mod rules;
mod user_changes;

pub use change::Change;
pub use deactivation::{Deactivation, DeactivationInput};
pub use imported_user::{Credential, ImportedUser};
pub use new_user::{NewUser, NewUserInput};
pub use user_changes::{UserChanges, UserChangesInput};
