//! Settings as an operator meets them: layers, wrong values, secrets, production.

mod audit_signing_key;
mod bootstrap;
mod database_urls;
mod documents;
mod encryption_key;
mod jwt_keys;
mod jwt_secret;
mod layers;
mod nonsense;
mod place;
mod production;
mod rate_limits;
mod read_replica;
mod redis_urls;
mod secrets;
mod unknown_keys;
mod values;
mod weak_secrets;
mod wrong_values;
