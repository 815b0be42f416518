//! What is in memory of one user.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use domain::user::UserView;
use domain::values::UserUuid;

use super::packed::{pack, unpack};

/// Somebody.
#[derive(Debug)]
pub(super) struct Entry {
    packed: Box<[u8]>,
    pub(super) user: UserUuid,
    /// The newest change that is known not to concern them, or to be older than this.
    pub(super) true_at: AtomicU64,
    pub(super) loaded_at: Duration,
}

impl Entry {
    pub(super) fn of(view: &UserView, true_at: u64, loaded_at: Duration) -> Option<Self> {
        let packed = pack(view)?.into_boxed_slice();
        Some(Self { packed, user: view.uuid, true_at: AtomicU64::new(true_at), loaded_at })
    }

    pub(super) fn view(&self) -> Option<UserView> {
        unpack(&self.packed)
    }

    /// How many bytes of memory it takes, as an allocator that rounds up gives it out.
    pub(super) fn bytes(&self) -> u64 {
        const COUNTS_OF_ARC: usize = 16;
        (self.packed.len().next_multiple_of(16) + size_of::<Self>() + COUNTS_OF_ARC) as u64
    }
}

/// That nobody is there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Nobody {
    /// The newest creation before that was asked.
    pub(super) creations: u64,
    pub(super) loaded_at: Duration,
}
