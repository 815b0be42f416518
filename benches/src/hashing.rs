//! Hashing passwords the way the product does: on as many threads as there are processors, at the lowest priority.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use actix_web::error;
use tokio::sync::oneshot;

/// The threads' queue.
pub(crate) struct Hashing(Sender<Job>);

struct Job {
    password: String,
    rounds: u32,
    reply: oneshot::Sender<bcrypt::BcryptResult<String>>,
}

impl Hashing {
    /// Starts the threads.
    pub(crate) fn start() -> std::io::Result<Self> {
        let (sender, jobs) = channel();
        let jobs = Arc::new(Mutex::new(jobs));
        for _ in 0..thread::available_parallelism()?.get() {
            let jobs = Arc::clone(&jobs);
            thread::Builder::new().spawn(move || work_off(&jobs))?;
        }
        Ok(Self(sender))
    }

    /// The hash of a password.
    pub(crate) async fn hash(&self, password: String, rounds: u32) -> actix_web::Result<String> {
        let (reply, hash) = oneshot::channel();
        self.0.send(Job { password, rounds, reply }).map_err(error::ErrorInternalServerError)?;
        hash.await.map_err(error::ErrorInternalServerError)?.map_err(error::ErrorInternalServerError)
    }
}

fn work_off(jobs: &Mutex<Receiver<Job>>) {
    // Of the calling thread alone; raising it needs no privilege.
    let _ = rustix::process::setpriority_process(None, 19);
    let next = || jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
    while let Ok(Job { password, rounds, reply }) = next() {
        let _ = reply.send(bcrypt::hash(password, rounds));
    }
}
