//! Values: once parsed, valid.
//!
//! Every type has a `parse` that checks what a person typed, and a `from_stored` that takes back what a database holds
//! without checking it again, so that a stricter rule never makes an old row unreadable.

mod characters;
mod email;
mod external_id;
mod ids;
mod limits;
mod locale;
mod metadata;
mod moment;
mod network;
mod password;
mod person_name;
mod role;
mod scripts;
mod status_reason;
mod text;
mod text_value;
mod token;
mod username;

pub use email::EmailAddress;
pub use external_id::ExternalId;
pub use ids::{SessionId, UserId, UserRef, UserUuid};
pub use locale::Locale;
pub use metadata::Metadata;
pub use moment::moment;
pub use network::network;
pub use password::{PasswordHash, PasswordPolicy, PasswordText, PlainPassword};
pub use person_name::PersonName;
pub use role::Role;
pub use status_reason::StatusReason;
pub use text::{PrefixRange, fold};
pub use token::{Digest, Nonce, SecretToken};
pub use username::Username;
