//! What people live through who sign in, on two replicas of one database, with Redis beside them and without.

mod devices;
mod revocation;
mod rights;
mod signing_in;
mod stale;
mod staying;
mod trouble;
