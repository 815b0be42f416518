//! Links between the pages of a listing (RFC 8288).

use actix_web::http::header::HeaderValue;

/// Where a page stands in its listing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    /// How many are skipped; `None` for a page asked for by cursor.
    pub(crate) skip: Option<u64>,
    /// The limit in force.
    pub(crate) limit: u64,
    /// How many there are, where that is known exactly.
    pub(crate) total: Option<u64>,
    /// The cursor of the next page, if there is one.
    pub(crate) next_cursor: Option<&'a str>,
}

/// The value of `Link`: first, previous, next and last page, with the filters of this one. `None` where pages have no
/// length.
pub(crate) fn link(path: &str, query: &str, place: Place<'_>) -> Option<HeaderValue> {
    let Place { skip, limit, total, next_cursor } = place;
    if limit == 0 {
        return None;
    }
    let kept: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty() && !is_position(pair)).collect();
    let target = |rel: &str, position: String| {
        let mut pairs = kept.clone();
        pairs.push(&position);
        format!("<{path}?{}>; rel=\"{rel}\"", pairs.join("&"))
    };
    let at = |rel: &str, skip: u64| target(rel, format!("skip={skip}"));
    let last = total.map(|total| total.saturating_sub(1) / limit * limit);
    let mut links = vec![at("first", 0)];
    if let Some(skip) = skip.filter(|skip| *skip > 0) {
        // Whoever is far behind the end is led back to where users are.
        links.push(at("prev", skip.saturating_sub(limit).min(last.unwrap_or(u64::MAX))));
    }
    match (skip, next_cursor) {
        (Some(skip), Some(_)) => links.push(at("next", skip.saturating_add(limit))),
        (None, Some(cursor)) => links.push(target("next", format!("cursor={cursor}"))),
        (_, None) => {}
    }
    if let Some(last) = last {
        links.push(at("last", last));
    }
    HeaderValue::try_from(links.join(", ")).ok()
}

fn is_position(pair: &str) -> bool {
    let name = pair.split_once('=').map_or(pair, |(name, _)| name);
    name == "skip" || name == "cursor"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(query: &str, place: Place<'_>) -> String {
        link("/v1/users", query, place).map(|value| value.to_str().unwrap().replace(", ", "\n")).unwrap_or_default()
    }

    #[test]
    fn a_page_in_the_middle_has_all_four() {
        let place = Place { skip: Some(20), limit: 10, total: Some(35), next_cursor: Some("c") };
        insta::assert_snapshot!(links("q=a%20b&skip=20&limit=10", place), @r#"
        </v1/users?q=a%20b&limit=10&skip=0>; rel="first"
        </v1/users?q=a%20b&limit=10&skip=10>; rel="prev"
        </v1/users?q=a%20b&limit=10&skip=30>; rel="next"
        </v1/users?q=a%20b&limit=10&skip=30>; rel="last"
        "#);
    }

    #[test]
    fn from_behind_the_end_the_previous_page_is_the_last_one() {
        let place = Place { skip: Some(1000), limit: 10, total: Some(39), next_cursor: None };
        insta::assert_snapshot!(links("skip=1000", place), @r#"
        </v1/users?skip=0>; rel="first"
        </v1/users?skip=30>; rel="prev"
        </v1/users?skip=30>; rel="last"
        "#);
    }

    #[test]
    fn an_empty_listing_is_its_own_first_and_last_page() {
        let place = Place { skip: Some(0), limit: 10, total: Some(0), next_cursor: None };
        insta::assert_snapshot!(links("", place), @r#"
        </v1/users?skip=0>; rel="first"
        </v1/users?skip=0>; rel="last"
        "#);
    }

    #[test]
    fn a_page_by_cursor_leads_on_by_cursor() {
        let place = Place { skip: None, limit: 10, total: None, next_cursor: Some("next") };
        insta::assert_snapshot!(links("cursor=this&role=user", place), @r#"
        </v1/users?role=user&skip=0>; rel="first"
        </v1/users?role=user&cursor=next>; rel="next"
        "#);
    }

    #[test]
    fn pages_without_length_have_no_links() {
        assert_eq!(links("", Place { skip: Some(0), limit: 0, total: Some(5), next_cursor: None }), "");
    }
}
