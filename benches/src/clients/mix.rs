//! The realistic mix: what callers of such a service ask for, and how often. `benches/locustfile.py` has the same numbers.

use std::net::SocketAddr;

use fastrand::Rng;

use crate::zipf::Zipf;

/// One kind of call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Call {
    /// One user by id, by Zipf's law.
    Get,
    /// The caller.
    Me,
    /// The first page, with its total.
    FirstPage,
    /// The first page of those of a role, or of those who are active.
    Filtered,
    /// Users whose names begin with something.
    Search,
    /// A user's locale changes, by Zipf's law.
    Patch,
    /// A new user.
    Create,
    /// Somebody signs in.
    Login,
}

/// Of a thousand calls, so many are of this kind: 950 read, 50 write. A call that hashes a password takes as long as some
/// hundred others, so there are few: people sign in now and then, and their sessions go on.
pub(crate) const REALISTIC: [(Call, u32); 8] = [
    (Call::Get, 740),
    (Call::Me, 80),
    (Call::FirstPage, 50),
    (Call::Filtered, 30),
    (Call::Search, 50),
    (Call::Patch, 48),
    (Call::Create, 1),
    (Call::Login, 1),
];

/// Only users by id, at the same popularity.
pub(crate) const GETS: [(Call, u32); 1] = [(Call::Get, 1)];

impl Call {
    /// Its name in the result line.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Me => "me",
            Self::FirstPage => "first_page",
            Self::Filtered => "filtered",
            Self::Search => "search",
            Self::Patch => "patch",
            Self::Create => "create",
            Self::Login => "login",
        }
    }
}

/// Draws calls and writes them as requests.
#[derive(Debug)]
pub(crate) struct Mix {
    /// The server, for the header `Host`.
    pub(crate) address: SocketAddr,
    /// How many of each kind.
    pub(crate) weights: &'static [(Call, u32)],
    /// Access tokens of those who read.
    pub(crate) readers: Vec<String>,
    /// Access tokens of those who write.
    pub(crate) writers: Vec<String>,
    /// Whom they ask for.
    pub(crate) users: Zipf,
    /// People who can sign in: `person` and a number from here to there.
    pub(crate) people: [u32; 2],
    /// The password of each.
    pub(crate) password: String,
    /// Names of new users begin with this, so that two runs do not make the same one.
    pub(crate) prefix: String,
}

impl Mix {
    /// The kind of the next call.
    pub(crate) fn draw(&self, rng: &mut Rng) -> Call {
        let mut number = rng.u32(0..self.weights.iter().map(|(_, weight)| weight).sum::<u32>().max(1));
        for (call, weight) in self.weights {
            if number < *weight {
                return *call;
            }
            number -= weight;
        }
        Call::Get
    }

    /// Request number `number`, which is a call of this kind, as it goes over the wire.
    pub(crate) fn request(&self, call: Call, number: u64, rng: &mut Rng) -> String {
        let reader = rng.choice(&self.readers).map_or("", String::as_str);
        let writer = rng.choice(&self.writers).map_or("", String::as_str);
        match call {
            Call::Get => self.get(&format!("/users/{}", self.users.draw(rng)), reader),
            Call::Me => self.get("/auth/me", reader),
            Call::FirstPage => self.get("/users?skip=0&limit=10", reader),
            Call::Filtered => self.get(rng.choice(&FILTERS).unwrap_or(&"/users"), reader),
            Call::Search => self.get(&format!("/users?q=person{}&limit=10", rng.u32(10..100_000)), reader),
            Call::Patch => {
                let locale = rng.choice(["de-AT", "fr-CA", "en-GB", "pt-BR"]).unwrap_or("de-AT");
                let path = format!("/users/{}", self.users.draw(rng));
                self.send("PATCH", &path, writer, &format!(r#"{{"locale":"{locale}"}}"#))
            }
            Call::Create => {
                let name = format!("{}x{number}", self.prefix);
                let user = format!(
                    r#"{{"username":"{name}","email":"{name}@example.org","password":"correct horse {number}","full_name":"New Person"}}"#
                );
                self.send("POST", "/users", writer, &user)
            }
            Call::Login => {
                let [first, last] = self.people;
                let (person, password) = (rng.u32(first..=last.max(first)), &self.password);
                let credentials = format!(r#"{{"username":"person{person}","password":"{password}"}}"#);
                self.send("POST", "/auth/login", "", &credentials)
            }
        }
    }

    fn get(&self, path: &str, token: &str) -> String {
        let host = self.address;
        format!("GET /api/v1{path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n")
    }

    fn send(&self, method: &str, path: &str, token: &str, json: &str) -> String {
        let (host, length) = (self.address, json.len());
        let bearer = if token.is_empty() { String::new() } else { format!("Authorization: Bearer {token}\r\n") };
        format!(
            "{method} /api/v1{path} HTTP/1.1\r\nHost: {host}\r\n{bearer}Content-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{json}"
        )
    }
}

const FILTERS: [&str; 3] =
    ["/users?role=moderator&limit=10", "/users?is_active=true&limit=10", "/users?role=user&is_active=true&limit=10"];

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn mix() -> Mix {
        Mix {
            address: SocketAddr::from(([127, 0, 0, 1], 8000)),
            weights: &REALISTIC,
            readers: vec!["reading".into()],
            writers: vec!["writing".into()],
            users: Zipf::new(100),
            people: [5, 6],
            password: "correct horse".into(),
            prefix: "run7".into(),
        }
    }

    #[test]
    fn ninety_five_of_a_hundred_calls_read() {
        let share = |wanted: &[Call]| -> u32 {
            REALISTIC.iter().filter(|(call, _)| wanted.contains(call)).map(|(_, weight)| weight).sum()
        };
        assert_eq!(share(&[Call::Get, Call::Me, Call::FirstPage, Call::Filtered, Call::Search]), 950);
        assert_eq!(share(&[Call::Patch, Call::Create, Call::Login]), 50);
    }

    #[test]
    fn calls_come_up_as_often_as_they_weigh() {
        let (mix, mut rng) = (mix(), Rng::with_seed(3));
        let mut drawn = BTreeMap::<Call, i32>::new();
        for _ in 0..100_000 {
            *drawn.entry(mix.draw(&mut rng)).or_default() += 1;
        }
        assert!((drawn[&Call::Get] - 74_000).abs() < 700, "{drawn:?}");
        assert!((drawn[&Call::Patch] - 4_800).abs() < 300, "{drawn:?}");
        assert!(drawn[&Call::Login] > 50, "{drawn:?}");
    }

    #[test]
    fn readers_read_and_writers_write() {
        let (mix, mut rng) = (mix(), Rng::with_seed(3));
        let get = mix.request(Call::Get, 1, &mut rng);
        assert!(get.starts_with("GET /api/v1/users/") && get.contains("Bearer reading\r\n"), "{get}");
        let create = mix.request(Call::Create, 9, &mut rng);
        assert!(create.contains("Bearer writing\r\n") && create.contains(r#""username":"run7x9""#), "{create}");
        let login = mix.request(Call::Login, 1, &mut rng);
        assert!(!login.contains("Bearer") && login.contains(r#""username":"person"#), "{login}");
        let (head, body) = login.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("Content-Length: {}", body.len())), "{login}");
    }
}
