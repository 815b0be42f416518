//! What everything that keeps answers of the database in memory is made of.

mod hearing;
mod loads;
mod marks;

pub(crate) use hearing::Hearing;
pub(crate) use loads::Loads;
pub(crate) use marks::Marks;
