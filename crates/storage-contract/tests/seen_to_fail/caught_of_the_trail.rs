//! Which cases notice which fault of the audit trail and of what came with it: keys, leases, repeated requests, imports,
//! many users at once, and erasing.

use crate::fault::Fault;

/// The cases that must fail on a storage with this fault. Others may fail too.
#[expect(clippy::too_many_lines, reason = "one arm for each fault")]
pub(crate) fn caught_of_the_trail(fault: Fault) -> &'static [&'static str] {
    match fault {
        Fault::GuessesSubjects => &["sealed_events::an_event_about_nobody_reads_back"],
        Fault::ForgetsWhoActed => &["sealed_events::an_event_with_everything_reads_back"],
        Fault::CutsSealedValues => &["sealed_events::long_sealed_values_read_back"],
        Fault::ListsEventsTheOldestFirst => &["event_lists::events_are_listed_the_newest_first"],
        Fault::IgnoresEventFilters => {
            &["event_lists::each_condition_finds_the_events_it_describes", "event_lists::conditions_on_events_combine"]
        }
        Fault::EventPagesLeaveOutTies => &[
            "event_lists::walking_through_events_shows_each_once",
            "event_lists::the_next_page_begins_behind_any_position",
        ],
        Fault::TakesTargetsForSubjects => &["history::a_history_tells_of_one_person_alone"],
        Fault::SortsHistoryByTime => &["history::a_history_is_in_the_order_of_writing"],
        Fault::StopsHistoryAMomentEarly => &["history::a_history_goes_as_far_as_a_moment"],
        Fault::MakesAHeadUp => &["chain::before_the_first_event_the_chain_is_empty"],
        Fault::ReadsLinksByEvent => &["chain::links_read_back_with_their_events_in_order"],
        Fault::HidesLinksWithoutEvents => &["chain::a_link_whose_event_was_taken_away_says_so"],
        Fault::HidesPlaces => &["chain::listed_events_tell_their_places"],
        Fault::TakesTheHeadForTheGreatest => &["chain::the_last_number_is_the_greatest_that_has_a_place"],
        Fault::IgnoresTakenPlaces => &[
            "chain::a_position_is_given_once",
            "chain::an_event_has_one_place",
            "chain::a_checkpoint_stands_alone_at_its_position",
            "chain::of_processes_that_make_the_chain_longer_at_once_one_does",
        ],
        Fault::ReadsCheckpointsBackwards => &["chain::checkpoints_are_read_in_order"],
        Fault::AppendsInParts => &["chain::the_chain_grows_whole_or_not_at_all"],
        Fault::LeavesGaps => &["sequencing::sequencers_and_writers_at_once_leave_no_gap_and_no_fork"],
        Fault::LooksBehindTheGreatestOnly => &["sequencing::events_that_have_a_place_are_left_out"],
        Fault::IgnoresTheUpperNumber => &["sequencing::events_are_found_between_two_numbers"],
        Fault::MakesKeysUp => &["subject_keys::people_without_a_key_are_left_out"],
        Fault::ReplacesKeys => {
            &["subject_keys::nobody_gets_a_second_key", "subject_keys::of_units_that_give_somebody_a_key_one_does"]
        }
        Fault::FindsEveryKey => &["subject_keys::keys_that_are_wrapped_otherwise_are_found_in_order"],
        Fault::RewrapsAnyKey => &["subject_keys::a_key_is_wrapped_anew_where_it_is_still_the_same"],
        Fault::TakesAnyLease => &[
            "leases::a_lease_that_nobody_took_is_nobodys",
            "leases::a_lease_that_is_held_cannot_be_taken_unseen",
            "leases::a_lease_can_be_taken_over_as_it_was_seen_and_not_as_it_was_before",
            "leases::of_processes_that_take_a_free_lease_one_does",
            "leases::of_processes_that_take_over_a_lease_one_does",
            "leases::who_renews_and_who_takes_over_at_once_are_not_both_the_holder",
        ],
        Fault::LeasesHaveNoOwner => &["leases::whoever_takes_a_lease_holds_it"],
        Fault::RenewsNothing => &["leases::renewing_shows_that_the_holder_works"],
        Fault::ReleasesByName => &["leases::a_lease_that_was_lost_is_neither_renewed_nor_given_back"],
        Fault::ForgetsReleasedLeases => &["leases::a_lease_that_was_given_back_never_looks_as_it_did_before"],
        Fault::KeepsOneLease => &["leases::leases_of_several_names_are_held_apart"],
        Fault::ReplacesReservations => {
            &["repeated_requests::a_key_is_reserved_once", "repeated_requests::of_units_that_reserve_one_key_one_does"]
        }
        Fault::TakesOverWithAnyTicket => &[
            "repeated_requests::a_reservation_is_taken_over_by_whoever_knows_its_ticket",
            "repeated_requests::of_units_that_take_a_reservation_over_one_does",
        ],
        Fault::ClaimsToHaveWritten => &[
            "repeated_requests::a_request_is_completed_once_and_by_its_own_ticket",
            "repeated_requests::of_one_who_completes_and_one_who_takes_over_one_succeeds",
            "repeated_requests::after_completion_nothing_is_kept",
        ],
        Fault::OrdersPartsAsTexts => &["repeated_requests::outcomes_read_back_by_part"],
        Fault::KeepsWithAnyTicket => &["repeated_requests::with_a_lost_ticket_nothing_is_kept"],
        Fault::TakingOverStartsAnew => &["repeated_requests::what_was_kept_stays_when_a_reservation_is_taken_over"],
        Fault::KeepsTheFirstProgress => &["imports::progress_takes_the_place_of_what_was_seen"],
        Fault::IgnoresOtherImports => &[
            "imports::progress_of_another_process_is_not_written_over",
            "imports::of_processes_that_import_one_source_one_goes_on",
        ],
        Fault::KeepsOneProgress => &["imports::imports_of_several_sources_are_kept_apart"],
        Fault::CutsLongBatches => &[
            "subject_keys::any_number_of_keys_can_be_stored_at_once",
            "inserting_many::a_thousand_users_can_be_stored_at_once",
            "in_the_way::any_number_of_names_can_be_asked_for",
            "erasing::the_uuids_of_the_erased_are_known",
        ],
        Fault::OverlooksExternalIds => &["in_the_way::whoever_has_a_name_stands_in_the_way"],
        Fault::ExportsTheDeleted => &["exporting::an_export_shows_the_living_by_number_with_every_value"],
        Fault::ErasesLikeDeleting => &[
            "erasing::after_erasure_nobody_finds_the_person",
            "erasing::names_of_the_erased_are_free",
            "erasing_beside::of_units_that_erase_somebody_at_once_one_does",
            "erasing_beside::no_session_outlives_its_user",
            "erasing_beside::nothing_is_kept_about_somebody_who_is_erased_meanwhile",
        ],
        Fault::LeavesTracesBehind => &[
            "erasing::after_erasure_their_sessions_are_gone",
            "erasing::after_erasure_their_sign_ins_and_tokens_are_gone",
            "erasing::after_erasure_their_key_is_gone",
            "erasing::after_erasure_what_was_kept_of_their_requests_is_gone",
        ],
        Fault::ErasesEvents => &["erasing::after_erasure_their_events_stay"],
        Fault::ErasesTheDeletedOnly => &["erasing::the_living_and_the_deleted_can_be_erased"],
        Fault::ForgetsTombstones => &[
            "erasing::a_uuid_of_the_erased_never_comes_again",
            "erasing::the_uuids_of_the_erased_are_known",
            "erasing_beside::a_uuid_that_is_erased_meanwhile_is_not_given_again",
        ],
        Fault::CountsTheErased => {
            &["erasing::the_erased_are_not_counted", "erasing_beside::erasing_many_at_once_leaves_exact_counts"]
        }
        other => unreachable!("no case is named that notices {other:?}"),
    }
}
