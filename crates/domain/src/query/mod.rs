//! Listing users: which, in what order, which part.

mod filter;
mod position;
mod search;
mod sort;

pub use filter::{DeletedScope, StandingFilter, UserFilter};
pub use position::{SortPosition, SortValue};
pub use search::Search;
pub use sort::{SortKey, UserSort};

use crate::user::UserView;

/// The longest page anybody gets.
pub const MAX_LIMIT: u32 = 100;

/// A search's total stops counting here at the latest.
pub const SEARCH_COUNT_CAP: u64 = 10_000;

/// Which users, in what order, which part of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListUsers {
    /// Which users.
    pub filter: UserFilter,
    /// In what order.
    pub sort: UserSort,
    /// From where on.
    pub window: Window,
    /// How many at most; 0 asks for the total alone.
    pub limit: u32,
    /// Whether to count.
    pub count: CountMode,
}

/// Where a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Window {
    /// After so many users.
    Skip(u64),
    /// After this position, which need not exist any more.
    After(SortPosition),
}

impl Default for Window {
    fn default() -> Self {
        Self::Skip(0)
    }
}

/// Whether a listing counts all that match.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum CountMode {
    /// Exactly, save that a search stops at [`SEARCH_COUNT_CAP`], and one inside of names possibly before.
    #[default]
    Exact,
    /// Not at all.
    None,
}

/// How many users match.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Total {
    /// So many, or at least so many.
    pub count: u64,
    /// Whether counting stopped before all were counted.
    pub capped: bool,
}

/// A part of the users that match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserPage {
    /// The users, in order.
    pub users: Vec<UserView>,
    /// How many match in all, where it was asked for.
    pub total: Option<Total>,
    /// Where to go on, if more may follow: the position of the last user here, or of the last one looked at, where a search
    /// inside of names stopped before the page was full.
    pub next: Option<SortPosition>,
}
