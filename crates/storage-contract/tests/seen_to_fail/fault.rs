//! What can be wrong with a storage.

/// Lists the faults once, for the type and for [`Fault::ALL`].
macro_rules! faults {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// One thing that is wrong; most are what some database does if an adapter does not see to it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Fault { $($(#[$doc])* $name,)* }

        impl Fault {
            /// Every fault.
            pub(crate) const ALL: &[Self] = &[$(Self::$name),*];
        }
    };
}

faults! {
    // ---- units of work
    /// A commit says yes and keeps nothing.
    CommitsNothing,
    /// Each statement is committed at once, and units do not follow one another.
    CommitsEachStatement,
    /// A unit that is dropped is committed.
    CommitsWhenDropped,
    /// Goes on after an error, and commits what came before it.
    IsNeverPoisoned,
    /// An error is forgotten as soon as something succeeds.
    IsMendedBySuccess,
    /// A refused commit takes the storage with it.
    HangsAfterARefusedCommit,
    /// A unit does not see the users that it changed.
    HidesItsOwnChanges,
    /// A cancelled `begin` keeps the place it had taken.
    LeaksCancelledBegins,
    /// `begin` waits longer than two seconds for the unit before.
    WaitsTooLong,
    /// A unit sees the users of when it began, and no later ones.
    ReadsASnapshot,
    /// Each statement is committed at once, and the last writer wins.
    LosesUpdates,

    // ---- names
    UsernamesAreNotUnique,
    EmailsAreNotUnique,
    ExternalIdsAreNotUnique,
    /// `ANN` may stand beside `ann`.
    ComparesNamesByLetter,
    /// Trailing blanks and case do not count in anything, as in many collations.
    ComparesLikeACollation,
    /// Reports the last conflict, not the first.
    ReportsTheLastConflict,
    /// Names stay taken after their user is gone.
    NeverFreesNames,
    FreesReservedNames,
    FreesExternalIdsOnDeletion,
    /// Nobody but one user may be without an external id.
    MissingExternalIdsConflict,
    RestoringTakesNoNames,
    /// Whoever writes their own name differently meets themself.
    OwnNamesConflict,

    // ---- numbers and versions
    GivesNumbersTwice,
    UuidsAreNotUnique,
    FindsSomebodyForAnyNumber,
    IgnoresVersions,
    SavesUnknownUsers,
    /// Takes "no row changed" for "no row found".
    RefusesUnchangedUsers,
    KeepsTheOldVersion,
    /// The names from before a change stay taken as well.
    KeepsTheOldNames,

    // ---- values
    CutsTimesToMilliseconds,
    /// As a TIMESTAMP of 32 bits.
    LosesTimesAfter2038,
    TrimsTexts,
    StoresEmptyTextsAsMissing,
    StoresMissingTextsAsEmpty,
    /// 60 bytes are enough for everybody.
    CutsLongTexts,
    RefusesLongFoldedNames,
    ReadsNumbersAsDoubles,
    RefusesLargeMetadata,
    LowercasesHashes,
    ForgetsToClear,
    ForgetsAField,
    RoleIsAlwaysUser,
    UpdatesEverybody,

    // ---- reading
    ReadersLagBehind,
    ReadersIgnoreTheScope,
    UnitsFindTheDeleted,

    // ---- the audit trail
    ForgetsEvents,
    EventsNeedNoCommit,

    // ---- listing
    IgnoresFilters,
    BoundsAreInclusive,
    LooksUpOnlyAscii,
    LooksUpLikeACollation,
    FindsOnlyTheUnchanged,
    SearchesInside,
    SearchesUsernamesOnly,
    SearchesStoredFullNames,
    /// `%` and `_` are wildcards.
    SearchesWithLike,
    SearchesLowerCaseOnly,
    ForgetsTheEndOfARange,
    ShowsSomebodyTwice,
    SearchesTheLivingOnly,
    IgnoresTheDirection,
    TiesAlwaysAscend,
    SortsBySeconds,
    /// The order of UTF-16, of Java and JavaScript.
    SortsByUtf16,
    SortsOnlyWithoutFilter,
    GivesOneTooMany,
    SkipsOneTooMany,
    SkipOverflows,
    /// Off by one from the second block of 1,024 on.
    SkipsBlocksWrongly,
    GivesFiftyAtMost,
    AlwaysSaysThatMoreFollow,
    CountsThePage,
    AlwaysCounts,
    /// The page after a position begins with that position.
    AfterIncludesThePosition,
    /// The page after a position leaves out those of the same value.
    AfterLeavesOutTies,
    /// A position is looked up, and its user must still be there.
    AfterNeedsTheUser,
    /// A position is counted as an offset.
    AfterIsAnOffset,
    /// An empty listing has a first user.
    ListsSomebodyWhoIsNot,
    NeverCapsTotals,
    CountsTheDeleted,
    /// Counters that drift: nothing beyond 20 is counted.
    LosesCounts,

    // ---- suspensions and administrators
    EndsSuspensionsLate,
    EndsEverySuspension,
    NamesSuspensionsBackwards,
    CountsEveryAdministrator,
    CountsCommittedAdministrators,

    // ---- recounting
    SeesDifferencesThatAreNone,
    MendsNothing,

    // ---- whether it is there
    IsNotMigrated,
    AnswersAnOutageLate,
    MisnamesAnOutage,
}
