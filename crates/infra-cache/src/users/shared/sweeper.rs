//! Takes away what changed, or was erased, from what is shared.

use std::sync::Arc;

use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::task::JoinSet;

use crate::RedisLink;
use crate::redis_link::Line;

/// Keys that wait. What finds no room stays where it is, is not believed, and goes by itself.
const ROOM: usize = 10_000;

/// Keys that are taken away at once.
const AT_ONCE: usize = 500;

/// Takes keys away, soon.
#[derive(Debug)]
pub(super) struct Sweeper {
    keys: Sender<String>,
    /// Ends with this.
    _tasks: JoinSet<()>,
}

impl Sweeper {
    pub(super) fn of(link: &RedisLink) -> Self {
        let (keys, waiting) = channel(ROOM);
        let mut tasks = JoinSet::new();
        tasks.spawn(sweep(Arc::clone(link.line()), waiting));
        Self { keys, _tasks: tasks }
    }

    pub(super) fn sweep(&self, key: String) {
        let _ = self.keys.try_send(key);
    }
}

async fn sweep(line: Arc<Line>, mut waiting: Receiver<String>) {
    let mut keys = Vec::new();
    while waiting.recv_many(&mut keys, AT_ONCE).await > 0 {
        line.ask(async |mut connection| redis::cmd("UNLINK").arg(&keys).exec_async(&mut connection).await).await;
        keys.clear();
    }
}
