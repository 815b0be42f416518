//! Pages far from the beginning, in the order of the ids: the sums say which block a page begins in, so that no more than a
//! block is read to skip the rest.
//!
//! A page is exactly what skipping row by row would give at the moment of its statement. The statement sums up, beside the
//! rows and as they are at the same moment, how many users come before the block: so it does not matter that the block was
//! found by an earlier one, or remembered, and that others write meanwhile. If the sum is not what the statement was made
//! with, another one is made with the sum.

use domain::query::{DeletedScope, ListUsers, SortKey, Window};
use sea_orm::sea_query::{Condition, Expr, ExprTrait as _, Order, SelectStatement};
use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, DbErr, QueryResult, Statement};

use super::counts::{CountedBy, whole_number};
use super::entity::Column;
use super::inside::Way;
use super::last_login::Part;
use super::listing::{MAX_SKIP, Slice, TOTAL, of_users, slice, total_beside};
use super::places::{Place, Places, Walked};
use super::span::{Level, Span};

/// Skipping fewer rows is as quick by reading them.
const DEEP: u64 = 2_048;
/// A page of deleted users is read among all others, which pays only where there are many of them.
const DEEP_AMONG_DELETED: u64 = 4_096;

/// So many rows more are read on either side of a page, at the first attempt and at others: by so many users the sums may
/// change from one statement to the next.
const SLACK: [u64; 3] = [0, 16, 256];

/// The column that says how many users come before the block.
const BEFORE: &str = "users_before";

/// The rows of the page, and one more if others follow; nothing if it is not a deep page, or if it is not found because
/// too much changes.
pub(super) async fn rows(db: &DatabaseConnection, query: &ListUsers, places: &Places) -> Result<Option<Page>, DbErr> {
    let Some(walk) = Walk::of(db.get_database_backend(), query) else { return Ok(None) };
    let mut place = places.find(walk.walked, walk.skip);
    for slack in SLACK {
        let here = match place {
            Some(place) => place,
            None => match walk.locate(db).await? {
                Located::In(place) => place,
                Located::BehindTheEnd => return Ok(Some(Page::default())),
                Located::Moved => continue,
            },
        };
        let reading = walk.reading(here, slack);
        let rows = db.query_all(&walk.page(here, &reading)).await?;
        let before = rows.first().map(|row| row.try_get::<i64>("", BEFORE)).transpose()?;
        let Some(before) = before.and_then(|before| u64::try_from(before).ok()) else {
            // Nobody is left there.
            places.forget(walk.walked, here);
            place = None;
            continue;
        };
        let found = Place { before, ..here };
        if found != here {
            places.forget(walk.walked, here);
        }
        places.remember(walk.walked, found);
        if let Some(page) = walk.cut(rows, before, &reading)? {
            return Ok(Some(page));
        }
        place = found.holds(walk.skip).then_some(found);
    }
    Ok(None)
}

/// What was read.
#[derive(Default)]
pub(super) struct Page {
    pub(super) rows: Vec<QueryResult>,
    pub(super) total: Option<i64>,
}

/// The statements behind a page in this block, for their plans: those that find the block, and the one that reads the page.
pub fn deep_page_statements(backend: DbBackend, query: &ListUsers, block: i64) -> Vec<Statement> {
    let Some(walk) = Walk::of(backend, query) else { return Vec::new() };
    let steps = Level::DOWN.map(|level| walk.spans(level, Span::of_block(block, level).parent()));
    let here = Place { block, before: walk.skip.saturating_sub(500), users: 1_000 };
    let page = walk.page(here, &walk.reading(here, 0));
    steps.iter().chain([&page]).map(|select| backend.build(select)).collect()
}

/// The way to a page.
struct Walk<'a> {
    backend: DbBackend,
    query: &'a ListUsers,
    walked: Walked,
    skip: u64,
}

/// What [`Walk::locate`] finds.
enum Located {
    In(Place),
    BehindTheEnd,
    /// Somebody changed the sums on the way.
    Moved,
}

/// Which of the rows from a block on are read.
struct Reading {
    from: u64,
    rows: u64,
}

impl<'a> Walk<'a> {
    fn of(backend: DbBackend, query: &'a ListUsers) -> Option<Self> {
        let Window::Skip(skip) = query.window else { return None };
        let deep = if query.filter.deleted == DeletedScope::Only { DEEP_AMONG_DELETED } else { DEEP };
        if query.sort.key != SortKey::Id || query.limit == 0 || skip < deep {
            return None;
        }
        let counted = CountedBy::of(&query.filter)?;
        let walked = Walked { counted, descending: query.sort.descending };
        Some(Self { backend, query, walked, skip: Ord::min(skip, MAX_SKIP) })
    }

    /// Goes down from level to level.
    async fn locate(&self, db: &DatabaseConnection) -> Result<Located, DbErr> {
        let (mut parent, mut before) = (0, 0_u64);
        for level in Level::DOWN {
            let mut found = None;
            for span in db.query_all(&self.spans(level, parent)).await? {
                let users = u64::try_from(span.try_get::<i64>("", TOTAL)?).unwrap_or_default();
                if before + users > self.skip {
                    found = Some((span.try_get("", "block")?, users));
                    break;
                }
                before += users;
            }
            match found {
                Some((block, users)) if level == Level::Block => {
                    return Ok(Located::In(Place { block, before, users }));
                }
                Some((span, _)) => parent = span,
                None if level == Level::Region => return Ok(Located::BehindTheEnd),
                None => break,
            }
        }
        Ok(Located::Moved)
    }

    /// The spans with this parent, in the order of the page, each with how many it holds.
    fn spans(&self, level: Level, parent: i64) -> SelectStatement {
        let direction = if self.walked.descending { Order::Desc } else { Order::Asc };
        let mut spans = self.walked.counted.sum(self.backend, level, parent);
        spans.column("block").group_by_col("block").order_by("block", direction);
        spans
    }

    fn reading(&self, place: Place, slack: u64) -> Reading {
        let rest = self.skip.saturating_sub(place.before);
        let from = rest.saturating_sub(slack);
        Reading { from, rows: rest - from + self.rows() + slack }
    }

    /// Those of the page, and one more, to see whether others follow.
    fn rows(&self) -> u64 {
        u64::from(self.query.limit) + 1
    }

    fn page(&self, place: Place, reading: &Reading) -> SelectStatement {
        let block = Span { level: Level::Block, block: place.block };
        let id = Expr::col(of_users(Column::Id));
        let onwards = if self.walked.descending { id.lte(block.last_id()) } else { id.gte(block.first_id()) };
        let from_the_block = Slice {
            part: Part::Everybody,
            sort: self.query.sort,
            window: Window::Skip(reading.from),
            rows: reading.rows,
            way: Way::Index,
            within: Some(Condition::all().add(onwards)),
        };
        let mut page = slice(self.backend, self.query, &from_the_block);
        page.expr_as(self.before(place.block), BEFORE);
        if let Some(total) = total_beside(self.backend, self.query) {
            page.expr_as(total, TOTAL);
        }
        page
    }

    /// How many come before the block: in the regions before its own, in its region before its group, and in its group.
    fn before(&self, block: i64) -> Expr {
        let sums = Level::DOWN.map(|level| {
            let span = Span::of_block(block, level);
            let mut sum = self.walked.counted.sum(self.backend, level, span.parent());
            let number = Expr::col("block");
            sum.and_where(if self.walked.descending { number.gt(span.block) } else { number.lt(span.block) });
            Expr::SubQuery(None, Box::new(sum.into()))
        });
        let [regions, groups, blocks] = sums;
        regions.add(groups).add(blocks).cast_as(whole_number(self.backend))
    }

    /// The page, if the rows that were read hold it.
    fn cut(&self, mut rows: Vec<QueryResult>, before: u64, reading: &Reading) -> Result<Option<Page>, DbErr> {
        let Some(ahead) = self.skip.checked_sub(before).and_then(|rest| rest.checked_sub(reading.from)) else {
            return Ok(None);
        };
        let is_whole = (rows.len() as u64) < reading.rows || ahead + self.rows() <= reading.rows;
        if !is_whole {
            return Ok(None);
        }
        let total = match rows.first() {
            Some(row) if total_beside(self.backend, self.query).is_some() => Some(row.try_get("", TOTAL)?),
            Some(_) | None => None,
        };
        let ahead = usize::try_from(ahead).unwrap_or(usize::MAX).min(rows.len());
        rows.drain(..ahead);
        rows.truncate(usize::try_from(self.rows()).unwrap_or(usize::MAX));
        Ok(Some(Page { rows, total }))
    }
}
