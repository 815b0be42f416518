//! Listing events: which, in what order, and page by page.

use std::cmp::Reverse;

use chrono::{DateTime, TimeDelta, Utc};
use domain::audit::{EventFilter, EventPosition, ListEvents, SealedEvent};
use domain::user::UserAction;
use domain::values::UserUuid;
use testkit::FixedClock;
use uuid::Uuid;

use crate::case::cases;
use crate::db::Db;
use crate::trail::{event, events, position};
use crate::unit::new_uuid;

cases![
    events_are_listed_the_newest_first,
    each_condition_finds_the_events_it_describes,
    conditions_on_events_combine,
    events_are_listed_from_a_moment_on_and_before_another,
    a_page_has_as_many_events_as_asked_for,
    walking_through_events_shows_each_once,
    the_next_page_begins_behind_any_position,
];

const ALL: u32 = 500;

fn moment(number: i64) -> DateTime<Utc> {
    FixedClock::START + TimeDelta::microseconds(number)
}

/// Two of each kind: actors, targets and people.
struct Crowd {
    events: Vec<SealedEvent>,
    people: [UserUuid; 2],
    targets: [Uuid; 2],
}

impl Crowd {
    /// Writes down 48 events that differ in all that is filtered by, and happened at five moments.
    async fn gather(db: &Db) -> Self {
        let people = [(); 2].map(|()| UserUuid::new(new_uuid()));
        let targets = [(); 2].map(|()| new_uuid());
        let either = |number: usize, step: usize| (number / step) % 3;
        let events: Vec<_> = (0..48_usize)
            .map(|number| SealedEvent {
                // Neither in the order of time nor against it.
                recorded_at: moment(i64::try_from(number * 7 % 5).expect("a small number")),
                action: [UserAction::Created, UserAction::Updated, UserAction::Deleted][either(number, 1)]
                    .as_str()
                    .into(),
                actor_id: people.get(either(number, 3)).copied(),
                target_id: targets.get(either(number, 9)).copied().unwrap_or_else(new_uuid),
                subject: people.get(either(number, 2)).copied(),
                ..event(UserAction::Updated)
            })
            .collect();
        for part in events.chunks(10) {
            db.write_down(part).await;
        }
        Self { events, people, targets }
    }

    /// What a list must show, worked out the plain way.
    fn expected(&self, query: &ListEvents) -> Vec<SealedEvent> {
        let EventFilter { actor, target, subject, action, from, to } = &query.filter;
        let is_asked_for = |event: &&SealedEvent| {
            let conditions = [
                actor.is_none_or(|actor| event.actor_id == Some(actor)),
                target.is_none_or(|target| event.target_id == target),
                subject.is_none_or(|subject| event.subject == Some(subject)),
                action.as_ref().is_none_or(|action| event.action == action.as_str()),
                from.is_none_or(|from| event.recorded_at >= from),
                to.is_none_or(|to| event.recorded_at < to),
                query.before.is_none_or(|before| (event.recorded_at, event.id) < (before.recorded_at, before.id)),
            ];
            conditions.into_iter().all(|met| met)
        };
        let mut expected: Vec<_> = self.events.iter().filter(is_asked_for).cloned().collect();
        expected.sort_by_key(|event| Reverse((event.recorded_at, event.id)));
        expected.truncate(query.limit as usize);
        expected
    }

    async fn assert_shown(&self, db: &Db, query: &ListEvents) -> Vec<SealedEvent> {
        let shown: Vec<_> = db.list_events(query).await.into_iter().map(|stored| stored.event).collect();
        assert_eq!(shown, self.expected(query), "{query:?}");
        shown
    }

    fn conditions(&self) -> [EventFilter; 6] {
        let none = EventFilter::default;
        [
            EventFilter { actor: Some(self.people[0]), ..none() },
            EventFilter { target: Some(self.targets[0]), ..none() },
            EventFilter { subject: Some(self.people[1]), ..none() },
            EventFilter { action: Some("user.updated".to_owned()), ..none() },
            EventFilter { from: Some(moment(1)), ..none() },
            EventFilter { to: Some(moment(4)), ..none() },
        ]
    }
}

fn asking(filter: EventFilter) -> ListEvents {
    ListEvents { filter, before: None, limit: ALL }
}

async fn events_are_listed_the_newest_first(db: Db) {
    assert_eq!(db.list_events(&asking(EventFilter::default())).await, []);
    let crowd = Crowd::gather(&db).await;
    crowd.assert_shown(&db, &asking(EventFilter::default())).await;
}

async fn each_condition_finds_the_events_it_describes(db: Db) {
    let crowd = Crowd::gather(&db).await;
    for condition in crowd.conditions() {
        let shown = crowd.assert_shown(&db, &asking(condition)).await;
        assert!(!shown.is_empty() && shown.len() < crowd.events.len());
    }
    for of_nothing in [
        EventFilter { actor: Some(UserUuid::new(new_uuid())), ..Default::default() },
        EventFilter { target: Some(new_uuid()), ..Default::default() },
        EventFilter { subject: Some(UserUuid::new(new_uuid())), ..Default::default() },
        EventFilter { action: Some("user".to_owned()), ..Default::default() },
        EventFilter { action: Some("USER.UPDATED ".to_owned()), ..Default::default() },
    ] {
        assert_eq!(crowd.assert_shown(&db, &asking(of_nothing)).await, []);
    }
}

async fn conditions_on_events_combine(db: Db) {
    let crowd = Crowd::gather(&db).await;
    let conditions = crowd.conditions();
    let mut found = 0;
    // Every subset of the six.
    for subset in 0..1_u32 << conditions.len() {
        let mut filter = EventFilter::default();
        for (index, condition) in conditions.iter().enumerate().filter(|(index, _)| subset & (1 << index) != 0) {
            match index {
                0 => filter.actor = condition.actor,
                1 => filter.target = condition.target,
                2 => filter.subject = condition.subject,
                3 => filter.action.clone_from(&condition.action),
                4 => filter.from = condition.from,
                _ => filter.to = condition.to,
            }
        }
        found += crowd.assert_shown(&db, &asking(filter)).await.len();
    }
    assert!(found > crowd.events.len(), "some conditions are met together");
}

async fn events_are_listed_from_a_moment_on_and_before_another(db: Db) {
    let crowd = Crowd::gather(&db).await;
    for from in 0..6 {
        for to in 0..6 {
            let filter = EventFilter { from: Some(moment(from)), to: Some(moment(to)), ..Default::default() };
            crowd.assert_shown(&db, &asking(filter)).await;
        }
    }
}

async fn a_page_has_as_many_events_as_asked_for(db: Db) {
    let crowd = Crowd::gather(&db).await;
    for limit in [0, 1, 2, 47, 48, 49, ALL] {
        let shown = crowd.assert_shown(&db, &ListEvents { limit, ..Default::default() }).await;
        assert_eq!(shown.len(), crowd.events.len().min(limit as usize));
    }
    db.write_down(&events(500)).await;
    assert_eq!(db.list_events(&asking(EventFilter::default())).await.len(), 500);
}

async fn walking_through_events_shows_each_once(db: Db) {
    let crowd = Crowd::gather(&db).await;
    for filter in [EventFilter::default()].into_iter().chain(crowd.conditions()) {
        let all = crowd.expected(&asking(filter.clone()));
        for limit in [1, 4, 7] {
            let mut query = ListEvents { limit, ..asking(filter.clone()) };
            let mut walked = Vec::new();
            // A walk that does not come to its end is broken, too.
            while walked.len() <= all.len() {
                let page = crowd.assert_shown(&db, &query).await;
                let Some(last) = page.last() else { break };
                query.before = Some(position(last));
                walked.extend(page);
            }
            assert_eq!(walked, all);
        }
    }
}

async fn the_next_page_begins_behind_any_position(db: Db) {
    let crowd = Crowd::gather(&db).await;
    let stored = crowd.events.iter().map(position);
    let made_up = [Uuid::nil(), Uuid::max(), new_uuid()]
        .into_iter()
        .flat_map(|id| [-1, 0, 2, 4, 5].map(|number| EventPosition { recorded_at: moment(number), id }));
    for before in stored.chain(made_up) {
        let query = ListEvents { before: Some(before), limit: 5, ..Default::default() };
        crowd.assert_shown(&db, &query).await;
    }
}
