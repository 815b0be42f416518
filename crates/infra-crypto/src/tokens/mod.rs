//! The port [`AccessTokens`](domain::ports::AccessTokens) with JSON Web Tokens (RFC 9068, RFC 8725).

mod cache;
mod claims;
mod header;
mod jwk;
mod jwt;
mod key_ring;
mod keys;
mod pem;

#[cfg(test)]
mod tests;

pub use jwt::{JwtSettings, JwtTokens};
pub use keys::{AsymmetricAlgorithm, AsymmetricKeys, JwtSecret, ShortJwtSecret, SigningKeys};
pub use pem::ReadKeyError;
