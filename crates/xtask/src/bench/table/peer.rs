//! One user by id, beside `FastAPI`: what many people build such a service with.

use std::process::Command;
use std::thread::available_parallelism;

use super::super::Bench;
use super::super::crud::{Side, compare};
use super::super::load::Requests;
use super::super::process::{Failure, Server, free_port, said_by, say};
use super::super::targets::{JWT_SECRET, Targets};
use super::Run;
use super::calls::HOT;
use super::findings::{Aim, Findings};

pub(super) fn measure(run: &Run<'_>, targets: &Targets, findings: &mut Findings) -> Result<(), Failure> {
    let root = super::super::root();
    say("FastAPI and what it needs, from PyPI");
    let programs = said_by(Command::new(root.join("scripts/bench-tools")).arg("peers"))?;
    let (port, workers) = (free_port()?, available_parallelism()?.get());
    let mut serve = Command::new(format!("{programs}/uvicorn"));
    serve.current_dir(root.join("benches/peers")).args([
        "fastapi_users:app",
        "--no-access-log",
        "--log-level",
        "warning",
    ]);
    serve.args(["--port", &port.to_string(), "--workers", &workers.to_string()]);
    serve.envs([("DATABASE_URL", targets.database_url()), ("JWT_SECRET", JWT_SECRET)]);
    let peer = Server::start("FastAPI", &mut serve, port, "/ready")?;

    let product = targets.guarded_with(4, &[("CACHE", "off")])?;
    let requests = Requests::Authenticated(targets.tokens(&product)?);
    let cached = targets.guarded_with(4, &[("CACHE", "memory")])?;
    let side = |whose, server, users| Side { whose, server, requests: requests.clone(), users };
    // All workers have to be there, and their pools.
    let bench = Bench { warm_up: 5, ..run.bench.clone() };
    for (what, name, product, users) in [
        ("cache off", "`GET /users/{id}`, FastAPI", &product, run.table.users),
        ("from the cache", "`GET /users/{id}` of 5,000, FastAPI", &cached, HOT),
    ] {
        let measured = compare(name, &[side("product", product, users), side("FastAPI", &peer, users)], &bench)?;
        let what = format!("`GET` by id, {what}, against FastAPI + SQLAlchemy");
        findings.ratio(what, measured.ratio_to(1), Aim::AtLeast(25.0));
        findings.requests.push(measured);
    }
    Ok(())
}
