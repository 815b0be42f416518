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
    SearchesOnlyBeginnings,
    SearchesInsideWithLike,
    SearchesInsideAcrossTexts,
    SearchesInsideByThrees,
    SearchesInsideNoShortTexts,
    SearchesInsideByLettersOnly,
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
    /// As most databases sort what has no value.
    SortsNeverWithTheRest,
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

    // ---- the first user and better hashes
    IsNeverEmpty,
    SeesOnlyTheLiving,
    /// A better hash takes the place of whatever is stored.
    UpgradesAnyHash,
    /// A better hash is a change of the user.
    UpgradesWithAVersion,

    // ---- sign-ins
    FindsActiveLoginsOnly,
    FindsDeletedLogins,
    ForgetsWaits,
    KeepsTheFirstRun,
    CountsPlacesTogether,
    NotesEveryDelay,
    /// A delay that was noted is never noted again.
    NotesOneDelayOnly,
    ForgetsNothing,
    ForgetsTheWholeName,
    ForgetsAnywhereOnly,
    NetworksAreKnownToAll,
    /// The last sign-in counts, even if it was before another one.
    NetworksGrowOlder,
    HidesSignIns,

    // ---- sessions
    CutsUserAgents,
    FindsLiveSessionsOnly,
    UpdatesNoSessions,
    UpdatesOneSession,
    ReplacesWholeSessions,
    OrdersSessionsBackwards,
    ShowsEndedSessions,
    ShowsRevokedSessions,
    ShowsSessionsOfOthers,
    /// Who loads the live sessions and who opens one do not notice each other.
    SessionsSlipThrough,
    ForgetsParents,
    SpendsTokensTwice,
    FindsUnspentTokensOnly,
    /// Whether the token itself was spent, in the place of its successor.
    TakesSpentForSuccessor,
    RemembersAccess,
    IgnoresWhatEndsSessions,
    /// A session that has ended by the clock of the database is shown as revoked.
    HidesEndedSessions,

    // ---- tokens that are good once
    TakesTokensTwice,
    TakesExpiredTokens,
    KeepsReplacedTokens,

    // ---- clearing
    CleansUpAMomentEarly,
    CleansUpWithoutLimit,
    LeavesTokensBehind,

    // ---- changes
    CountsOneChangeTooMany,
    ForgetsSessionsOfChanges,
    ForgetsWhoIsNew,
    SkipsChangesWithoutAUser,
    SkipsAChangeAtEachPage,
    /// What is committed after something that was written later is lost.
    LosesLateChanges,

    // ---- fingerprints of keys
    /// What was never kept is zeros.
    MakesFingerprintsUp,
    EndsFingerprintsAtZero,
    /// The last fingerprint counts, not the first.
    ReplacesFingerprints,
    /// One for all keys.
    KeepsOneFingerprint,
    /// Whoever found none believes that its own was kept.
    LooksBeforeItKeeps,
    /// Whoever saw the right one replaces what is there by then.
    LooksBeforeItReplaces,

    // ---- events
    /// An event about nobody is taken for one about its target.
    GuessesSubjects,
    ForgetsWhoActed,
    /// As a TEXT of 65,535 bytes.
    CutsSealedValues,
    ListsEventsTheOldestFirst,
    IgnoresEventFilters,
    /// The page behind a position leaves out events of the same moment.
    EventPagesLeaveOutTies,
    /// A history is told by targets, not by those it is about.
    TakesTargetsForSubjects,
    SortsHistoryByTime,
    StopsHistoryAMomentEarly,

    // ---- the chain
    MakesAHeadUp,
    /// Links come in the order of their events' ids.
    ReadsLinksByEvent,
    HidesLinksWithoutEvents,
    HidesPlaces,
    /// The number of the last link's event is not the greatest.
    TakesTheHeadForTheGreatest,
    /// What is taken is left as it is, and nobody hears of it.
    IgnoresTakenPlaces,
    ReadsCheckpointsBackwards,
    /// Link by link.
    AppendsInParts,
    /// Every second position stays free.
    LeavesGaps,
    /// Events with smaller numbers than one that has a place are never looked for.
    LooksBehindTheGreatestOnly,
    IgnoresTheUpperNumber,

    // ---- people's keys
    MakesKeysUp,
    /// Looks, and then puts a key in the place of whatever is there.
    ReplacesKeys,
    FindsEveryKey,
    RewrapsAnyKey,

    // ---- leases
    TakesAnyLease,
    LeasesHaveNoOwner,
    RenewsNothing,
    ReleasesByName,
    /// A lease that was given back begins with the first term again.
    ForgetsReleasedLeases,
    KeepsOneLease,

    // ---- repeated requests
    /// Looks, and then puts a reservation in the place of whatever is there.
    ReplacesReservations,
    TakesOverWithAnyTicket,
    /// Says that something was written whether it was or not.
    ClaimsToHaveWritten,
    /// 10 comes before 2.
    OrdersPartsAsTexts,
    KeepsWithAnyTicket,
    TakingOverStartsAnew,

    // ---- imports
    KeepsTheFirstProgress,
    IgnoresOtherImports,
    KeepsOneProgress,

    // ---- many at once
    /// One statement takes a hundred at most, and the rest is forgotten.
    CutsLongBatches,
    OverlooksExternalIds,
    ExportsTheDeleted,

    // ---- erasing
    /// Erasing is deleting under another name.
    ErasesLikeDeleting,
    /// The user goes, and everything else stays.
    LeavesTracesBehind,
    ErasesEvents,
    ErasesTheDeletedOnly,
    /// Whoever was erased may come again.
    ForgetsTombstones,
    CountsTheErased,

    // ---- recounting
    SeesDifferencesThatAreNone,
    MendsNothing,

    // ---- whether it is there
    IsNotMigrated,
    AnswersAnOutageLate,
    MisnamesAnOutage,
}
