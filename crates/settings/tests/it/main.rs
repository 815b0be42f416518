//! Settings as an operator meets them: layers, wrong values, secrets, production.

mod database_urls;
mod documents;
mod encryption_key;
mod layers;
mod nonsense;
mod place;
mod production;
mod secrets;
mod unknown_keys;
mod values;
mod wrong_values;
