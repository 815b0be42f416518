//! How often the memory serves in a realistic mix: few people are asked for often, many seldom.

use std::sync::atomic::AtomicU64;

use super::*;

const USERS: i64 = 1_000_000;

/// A database in which everybody exists, and that counts.
#[derive(Default)]
struct Counting(AtomicU64);

#[async_trait]
impl People for Counting {
    async fn look_up(&self, asked: UserRef) -> Result<Option<UserView>, StorageError> {
        let UserRef::Id(number) = asked else { panic!("by number") };
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(Some(user(number.get())))
    }
}

/// Draws numbers from 1 so that each is drawn in proportion to one over it (Zipf, exponent 1.0).
struct Zipf {
    up_to: Vec<f64>,
    random: fastrand::Rng,
}

impl Zipf {
    fn new(seed: u64) -> Self {
        let up_to = (1..=USERS).scan(0.0, |sum, number| {
            #[expect(clippy::cast_precision_loss, reason = "a million is exact")]
            let share = 1.0 / number as f64;
            *sum += share;
            Some(*sum)
        });
        Self { up_to: up_to.collect(), random: fastrand::Rng::with_seed(seed) }
    }

    fn draw(&mut self) -> i64 {
        let place = self.random.f64() * self.up_to.last().unwrap();
        let before = self.up_to.partition_point(|sum| *sum < place);
        i64::try_from(before).unwrap() + 1
    }
}

/// 64 MiB for 1,000,000 users, 95 of 100 requests read, and writes prefer the same people as reads do.
#[tokio::test]
async fn four_of_five_reads_of_a_realistic_mix_are_served_from_memory() {
    let database = Arc::<Counting>::default();
    let cache = UserCache::new(Arc::new(Only(Arc::clone(&database))));
    let mut zipf = Zipf::new(7);
    let (mut reads, mut warmed) = (0, 0);
    for request in 0..1_200_000_u32 {
        if request == 1_000_000 {
            (reads, warmed) = (0, database.0.load(Ordering::Relaxed));
        }
        if request % 1_000 == 0 {
            cache.heard(Duration::ZERO);
        }
        let number = zipf.draw();
        if zipf.random.u32(0..100) < 5 {
            cache.committed(&[of_user(number)]);
        } else {
            cache.find(id(number), DeletedScope::Live).await.unwrap();
            reads += 1;
        }
    }
    let missed = database.0.load(Ordering::Relaxed) - warmed;
    let (users, bytes) = (cache.known.len(), cache.bytes());
    assert!(missed * 5 < reads, "{missed} of {reads} reads asked the database; {users} users in {bytes} bytes");
}
