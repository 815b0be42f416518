//! Spans of ids that users are counted by: blocks of 1,024, groups of 32 blocks, and regions of 32 groups.

/// 1,024 ids are a block.
const BLOCK_BITS: u32 = 10;
/// 32 spans are one of the next level.
const SPAN_BITS: u32 = 5;

/// How large spans are: blocks are the smallest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Block,
    Group,
    Region,
}

impl Level {
    /// From the largest spans to the smallest.
    pub(super) const DOWN: [Self; 3] = [Self::Region, Self::Group, Self::Block];

    /// As the table has it.
    pub(super) const fn number(self) -> i64 {
        match self {
            Self::Block => 0,
            Self::Group => 1,
            Self::Region => 2,
        }
    }

    /// How many bits of an id make no difference.
    pub(super) const fn bits(self) -> u32 {
        match self {
            Self::Block => BLOCK_BITS,
            Self::Group => BLOCK_BITS + SPAN_BITS,
            Self::Region => BLOCK_BITS + 2 * SPAN_BITS,
        }
    }
}

/// One span. They are ordered by level, then by their ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span {
    pub(super) level: Level,
    /// Which of its level: the ids without the bits that make no difference.
    pub(super) block: i64,
}

impl Span {
    pub(super) fn of_block(block: i64, level: Level) -> Self {
        Self { level, block: block >> (level.bits() - BLOCK_BITS) }
    }

    /// The spans that an id is in, smallest first.
    pub(super) fn around(id: i64) -> [Self; 3] {
        [Level::Block, Level::Group, Level::Region].map(|level| Self { level, block: id >> level.bits() })
    }

    /// The span of the next level that this one is in; all of the highest level are in 0.
    pub(super) fn parent(self) -> i64 {
        match self.level {
            Level::Block | Level::Group => self.block >> SPAN_BITS,
            Level::Region => 0,
        }
    }

    /// The first of the blocks in it.
    pub(super) fn first_block(self) -> i64 {
        self.block.saturating_mul(1 << (self.level.bits() - BLOCK_BITS))
    }

    pub(super) fn first_id(self) -> i64 {
        self.block.saturating_mul(1 << self.level.bits())
    }

    pub(super) fn last_id(self) -> i64 {
        self.first_id().saturating_add((1 << self.level.bits()) - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_span_lies_in_the_one_of_the_next_level() {
        for id in [0, 1, 1_023, 1_024, 32_767, 32_768, 1_048_575, 1_048_576, 12_345_678, i64::MAX] {
            let [block, group, region] = Span::around(id);
            assert_eq!((block.parent(), group.parent(), region.parent()), (group.block, region.block, 0), "{id}");
            for span in [block, group, region] {
                assert!((span.first_id()..=span.last_id()).contains(&id), "{id} {span:?}");
                assert_eq!(Span::of_block(block.block, span.level), span, "{id}");
            }
        }
    }

    #[test]
    fn spans_begin_where_the_one_before_ends() {
        for level in Level::DOWN {
            let [one, next] = [7, 8].map(|block| Span { level, block });
            assert_eq!(one.last_id() + 1, next.first_id(), "{level:?}");
        }
    }
}
