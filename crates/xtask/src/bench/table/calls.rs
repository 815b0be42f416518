//! The product beside the bare handlers, in a closed loop.

use super::super::crud::{Side, compare};
use super::super::load::Requests;
use super::super::process::Failure;
use super::super::storm;
use super::super::targets::Targets;
use super::super::{Bench, Setup};
use super::Run;
use super::findings::{Aim, Findings};

/// So many users are asked for where all of them are in the cache.
pub(super) const HOT: u32 = 5_000;

/// One user by id, with a token: without the cache, and from it.
pub(super) fn get(run: &Run<'_>, targets: &Targets, findings: &mut Findings) -> Result<(), Failure> {
    let product = targets.guarded_with(4, &[("CACHE", "off")])?;
    let bare = targets.bare_that_checks_tokens()?;
    let requests = Requests::Authenticated(targets.tokens(&product)?);
    let side = |whose, server, users| Side { whose, server, requests: requests.clone(), users };
    let users = run.table.users;
    let sides = [side("product, cache off", &product, users), side("bare: JWT, SELECT", &bare, users)];
    let measured = compare("`GET /users/{id}`", &sides, &run.bench)?;
    let what = "authenticated `GET` by id, cache off, against bare JWT + SELECT";
    findings.ratio(what, measured.ratio_to(1), Aim::AtLeast(0.9));
    findings.requests.push(measured);

    let product = targets.guarded_with(4, &[("CACHE", "memory")])?;
    let map = targets.bare_map_that_checks_tokens(HOT)?;
    let sides = [side("product, from the cache", &product, HOT), side("bare: JWT, map", &map, HOT)];
    // Long enough that each of them has been asked for.
    let measured = compare("`GET /users/{id}` of 5,000", &sides, &Bench { warm_up: 5, ..run.bench.clone() })?;
    findings.ratio("the same from the cache, against bare JWT + map", measured.ratio_to(1), Aim::AtLeast(0.75));
    findings.requests.push(measured);
    Ok(())
}

/// The first page with its total, and one far behind.
pub(super) fn pages(run: &Run<'_>, targets: &Targets, findings: &mut Findings) -> Result<(), Failure> {
    let users = run.table.users;
    let side = |whose, server, requests| Side { whose, server, requests, users };
    let sides = [
        side("product, total", &targets.product, Requests::Page),
        side("bare, no count", &targets.bare, Requests::Page),
    ];
    let measured = compare("`GET /users?skip=0&limit=10`", &sides, &run.bench)?;
    let what = "first page with exact total, against the same page without a count on the bare handler";
    findings.ratio(what, measured.ratio_to(1), Aim::AtLeast(0.7));
    findings.requests.push(measured);

    // 900,000 of a million, and as far in where there are fewer.
    let skip = users / 10 * 9;
    let sides = [
        side("product, far behind", &targets.product, Requests::Deep(skip)),
        side("product, first page", &targets.product, Requests::Page),
    ];
    let measured = compare("a page with 9 of 10 users skipped", &sides, &run.bench)?;
    findings.ratio(format!("page at `skip={skip}`, against the first page"), measured.ratio_to(1), Aim::AtLeast(0.3));
    findings.requests.push(measured);
    Ok(())
}

/// New users.
pub(super) fn create(run: &Run<'_>, targets: &Targets, findings: &mut Findings) -> Result<(), Failure> {
    for (cost, name, aim) in [(4, "`POST /users`, cost 4", 0.7), (12, "`POST /users`, cost 12", 0.9)] {
        let product = targets.open_with("product", cost, &[])?;
        let bare = targets.bare_with_cost(cost)?;
        let side = |whose, server| Side { whose, server, requests: Requests::Create, users: run.table.users };
        // Few hashes in a second: more time for them, and fewer that wait for one another.
        let setup = Setup { connections: 8, ..run.bench.setup.clone() };
        let dear = Bench { seconds: run.table.dear_seconds, setup, ..run.bench.clone() };
        let bench = if cost == 12 { &dear } else { &run.bench };
        let measured = compare(name, &[side("product", &product), side("bare: hash, INSERT", &bare)], bench)?;
        let what =
            format!("create at cost {cost}, audit and counters included, against a bare INSERT with the same hash");
        findings.ratio(what, measured.ratio_to(1), Aim::AtLeast(aim));
        findings.requests.push(measured);
    }
    Ok(())
}

/// Reading at a steady rate while many sign in.
pub(super) fn storm(run: &Run<'_>, targets: &Targets, findings: &mut Findings) -> Result<(), Failure> {
    let measured = storm::measure(targets, &run.bench)?;
    findings.ratio("p99 of `GET` during a login storm, against quiet", storm::ratio(&measured), Aim::AtMost(2.0));
    findings.details.push(format!("### During a storm of logins\n\n{}", storm::markdown(&measured)));
    Ok(())
}
