//! Listing with a fault: filtered, sorted and paged like a right one in all but one thing.

use std::cmp::Ordering;

use domain::query::{
    CountMode, DeletedScope, ListUsers, SEARCH_COUNT_CAP, Search, SortKey, SortPosition, SortValue, Total, UserPage,
    Window,
};
use domain::user::UserView;
use domain::values::{EmailAddress, Username, fold};

use crate::broken::Broken;
use crate::fault::Fault;

pub(crate) fn list(storage: &Broken, everybody: Vec<UserView>, query: &ListUsers) -> UserPage {
    let has = |fault| storage.has(fault);
    let mut found: Vec<_> = everybody.into_iter().filter(|user| matches(storage, query, user)).collect();
    found.sort_by(|one, other| {
        compare(storage, query, &position(query.sort.key, one), &position(query.sort.key, other))
    });
    if has(Fault::ShowsSomebodyTwice) && query.filter.search.is_some() {
        let twice = found.iter().flat_map(|user| {
            let is_double = user.last_name.as_ref().is_some_and(|name| *name == user.username);
            std::iter::repeat_n(user.clone(), if is_double { 2 } else { 1 })
        });
        found = twice.collect();
    }

    let matching = found.len();
    let before = match &query.window {
        Window::Skip(skip) if has(Fault::SkipOverflows) => {
            usize::try_from(skip & 0x7fff_ffff_ffff_fffe).unwrap_or(0) % (1 << 62)
        }
        Window::Skip(skip) => {
            let one_too_many =
                u64::from(has(Fault::SkipsOneTooMany) && *skip > 0 || has(Fault::SkipsBlocksWrongly) && *skip >= 1_024);
            usize::try_from(skip.saturating_add(one_too_many)).unwrap_or(usize::MAX)
        }
        Window::After(last) => after(storage, query, &found, last),
    };
    let limit = match query.limit {
        limit if has(Fault::GivesOneTooMany) => limit.saturating_add(1),
        limit if has(Fault::GivesFiftyAtMost) => limit.min(50),
        limit => limit,
    };
    let rest: Vec<_> = found.into_iter().skip(before).collect();
    let users: Vec<_> = rest.iter().take(limit as usize).cloned().collect();
    let more_follow = rest.len() > users.len() || has(Fault::AlwaysSaysThatMoreFollow);
    let next = users.last().filter(|_| more_follow).map(|last| position(query.sort.key, last));
    if let Some(next) = &next {
        storage.remembered().offsets.insert(next.id, (before + users.len()) as u64);
    }
    if has(Fault::ListsSomebodyWhoIsNot) && matching == 0 {
        let next = Some(SortPosition { value: SortValue::Id, id: domain::values::UserId::new(1) });
        return UserPage { users, total: total(storage, query, 1, 1), next };
    }
    UserPage { total: total(storage, query, matching, users.len()), users, next }
}

fn after(storage: &Broken, query: &ListUsers, found: &[UserView], last: &SortPosition) -> usize {
    let behind = |user: &&UserView| {
        let position = position(query.sort.key, user);
        match storage.fault {
            Some(Fault::AfterIncludesThePosition) => compare(storage, query, &position, last).is_lt(),
            Some(Fault::AfterLeavesOutTies) if position.value == last.value => {
                query.sort.key != SortKey::Id || position.id <= last.id
            }
            _ => compare(storage, query, &position, last).is_le(),
        }
    };
    match storage.fault {
        Some(Fault::AfterIsAnOffset) => {
            let offset = storage.remembered().offsets.get(&last.id).copied().unwrap_or(0);
            usize::try_from(offset).unwrap_or(usize::MAX)
        }
        Some(Fault::AfterNeedsTheUser) if !found.iter().any(|user| user.id == last.id) => usize::MAX,
        _ => found.iter().take_while(behind).count(),
    }
}

fn total(storage: &Broken, query: &ListUsers, matching: usize, shown: usize) -> Option<Total> {
    if query.count == CountMode::None && !storage.has(Fault::AlwaysCounts) {
        return None;
    }
    let count = match storage.fault {
        Some(Fault::CountsThePage) => shown,
        Some(Fault::LosesCounts) => matching.min(20),
        _ => matching,
    } as u64;
    let capped = query.filter.search.is_some() && count > SEARCH_COUNT_CAP && !storage.has(Fault::NeverCapsTotals);
    Some(Total { count: if capped { SEARCH_COUNT_CAP } else { count }, capped })
}

fn matches(storage: &Broken, query: &ListUsers, user: &UserView) -> bool {
    let has = |fault| storage.has(fault);
    let filter = &query.filter;
    let is_live = user.deleted_at.is_none();
    let within = match filter.deleted {
        DeletedScope::Live => is_live || has(Fault::CountsTheDeleted),
        DeletedScope::All => true,
        DeletedScope::Only => !is_live,
    };
    if has(Fault::IgnoresFilters) {
        return within;
    }
    let inclusive = has(Fault::BoundsAreInclusive);
    within
        && filter.role.is_none_or(|role| user.role == role)
        && filter.is_active.is_none_or(|active| user.is_active == active)
        && filter.search.as_ref().is_none_or(|search| is_found_by(storage, search, user))
        && filter
            .username
            .as_ref()
            .is_none_or(|key| is_looked_up(storage, key, &Username::key_of(&user.username), &user.username))
        && filter
            .email
            .as_ref()
            .is_none_or(|key| is_looked_up(storage, key, &EmailAddress::key_of(&user.email), &user.email))
        && filter
            .external_id
            .as_ref()
            .is_none_or(|id| user.external_id.as_ref().is_some_and(|stored| is_looked_up(storage, id, stored, stored)))
        && filter.created_after.is_none_or(|after| user.created_at > after || (inclusive && user.created_at == after))
        && filter
            .created_before
            .is_none_or(|before| user.created_at < before || (inclusive && user.created_at == before))
}

fn is_looked_up(storage: &Broken, wanted: &str, key: &str, stored: &str) -> bool {
    match storage.fault {
        Some(Fault::LooksUpOnlyAscii) => wanted == stored.to_ascii_lowercase(),
        Some(Fault::LooksUpLikeACollation) => fold(wanted).trim_end() == fold(key).trim_end(),
        _ => wanted == key,
    }
}

fn is_found_by(storage: &Broken, search: &Search, user: &UserView) -> bool {
    let has = |fault| storage.has(fault);
    let full_name = if has(Fault::SearchesStoredFullNames) {
        user.full_name.clone()
    } else {
        user.displayed_full_name().map(std::borrow::Cow::into_owned)
    };
    let mut texts = vec![Some(user.username.clone()), Some(user.email.clone()), full_name, user.last_name.clone()];
    if has(Fault::SearchesUsernamesOnly) {
        texts.truncate(1);
    }
    let (Search::Beginning(wanted) | Search::Within(wanted)) = search;
    if has(Fault::FindsOnlyTheUnchanged) && user.version > 1
        || has(Fault::SearchesTheLivingOnly) && user.deleted_at.is_some()
        || has(Fault::ForgetsTheEndOfARange) && wanted.ends_with(['\u{10ffff}', '\u{d7ff}'])
    {
        return false;
    }
    let mut texts = texts.into_iter().flatten();
    match search {
        Search::Within(wanted) if !has(Fault::SearchesOnlyBeginnings) => is_within(storage, wanted, texts),
        Search::Beginning(_) | Search::Within(_) => texts.any(|text| begins_with(storage, &text, wanted)),
    }
}

fn begins_with(storage: &Broken, text: &str, prefix: &str) -> bool {
    match storage.fault {
        Some(Fault::SearchesInside) => fold(text).contains(prefix),
        Some(Fault::SearchesLowerCaseOnly) => text.to_lowercase().starts_with(prefix),
        Some(Fault::SearchesWithLike) => is_like(&fold(text), prefix),
        _ => fold(text).starts_with(prefix),
    }
}

fn is_within(storage: &Broken, wanted: &str, texts: impl Iterator<Item = String>) -> bool {
    let folded: Vec<_> = texts.map(|text| fold(&text)).collect();
    let letters = |text: &str| text.replace(|c: char| !c.is_alphanumeric(), "");
    match storage.fault {
        Some(Fault::SearchesInsideWithLike) => folded.iter().any(|text| is_like(text, &format!("%{wanted}"))),
        Some(Fault::SearchesInsideAcrossTexts) => folded.concat().contains(wanted),
        Some(Fault::SearchesInsideByThrees) => {
            let wanted: Vec<char> = wanted.chars().collect();
            let is_there = |three: &[char]| folded.iter().any(|text| text.contains(&String::from_iter(three)));
            if wanted.len() < 3 { is_there(&wanted) } else { wanted.windows(3).all(is_there) }
        }
        Some(Fault::SearchesInsideNoShortTexts) if wanted.chars().count() < 3 => false,
        Some(Fault::SearchesInsideByLettersOnly) => folded.iter().any(|text| letters(text).contains(&letters(wanted))),
        _ => folded.iter().any(|text| text.contains(wanted)),
    }
}

/// `text LIKE 'pattern%'`.
fn is_like(text: &str, pattern: &str) -> bool {
    let (mut text, mut pattern) = (text.chars(), pattern.chars());
    match (pattern.next(), text.clone().next()) {
        (None, _) => true,
        (Some('%'), _) => (0..=text.as_str().len())
            .any(|skipped| text.as_str().get(skipped..).is_some_and(|rest| is_like(rest, pattern.as_str()))),
        (Some(wanted), Some(c)) if wanted == c || wanted == '_' => {
            text.next();
            is_like(text.as_str(), pattern.as_str())
        }
        (Some(_), _) => false,
    }
}

fn position(key: SortKey, user: &UserView) -> SortPosition {
    let value = match key {
        SortKey::Id => SortValue::Id,
        SortKey::CreatedAt => SortValue::Time(user.created_at),
        SortKey::UpdatedAt => SortValue::Time(user.updated_at),
        SortKey::Username => SortValue::Text(fold(&user.username)),
        SortKey::Email => SortValue::Text(fold(&user.email)),
        SortKey::LastLoginAt => user.last_login_at.map_or(SortValue::Never, SortValue::Time),
    };
    SortPosition { value, id: user.id }
}

fn compare(storage: &Broken, query: &ListUsers, one: &SortPosition, other: &SortPosition) -> Ordering {
    let has = |fault| storage.has(fault);
    let filtered = query.filter != domain::query::UserFilter { deleted: query.filter.deleted, ..Default::default() };
    if has(Fault::SortsOnlyWithoutFilter) && filtered {
        return one.id.cmp(&other.id);
    }
    let by_value = match (&one.value, &other.value) {
        (SortValue::Time(one), SortValue::Time(other)) if has(Fault::SortsBySeconds) => {
            one.timestamp().cmp(&other.timestamp())
        }
        (SortValue::Time(one), SortValue::Time(other)) => one.cmp(other),
        (SortValue::Text(one), SortValue::Text(other)) if has(Fault::SortsByUtf16) => {
            one.encode_utf16().cmp(other.encode_utf16())
        }
        (SortValue::Text(one), SortValue::Text(other)) => one.cmp(other),
        (SortValue::Never, SortValue::Time(_)) => Ordering::Greater,
        (SortValue::Time(_), SortValue::Never) => Ordering::Less,
        _ => Ordering::Equal,
    };
    let is_one_never = (one.value == SortValue::Never) != (other.value == SortValue::Never);
    if is_one_never && !has(Fault::SortsNeverWithTheRest) {
        return by_value;
    }
    let by_id = one.id.cmp(&other.id);
    let descending = query.sort.descending && !has(Fault::IgnoresTheDirection);
    match (descending, has(Fault::TiesAlwaysAscend)) {
        (false, _) => by_value.then(by_id),
        (true, false) => by_value.then(by_id).reverse(),
        (true, true) => by_value.reverse().then(by_id),
    }
}
