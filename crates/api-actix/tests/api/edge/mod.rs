//! What is true of every request, whatever it asks for.

mod access_log;
mod compression;
mod cross_origin;
mod headers;
mod host_guard;
mod limits;
mod load;
mod methods;
mod paths;
mod trouble;
