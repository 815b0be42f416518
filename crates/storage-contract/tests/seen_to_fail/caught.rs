//! Which cases notice which fault.

use crate::caught_of_the_trail::caught_of_the_trail;
use crate::fault::Fault;

/// The cases that must fail on a storage with this fault. Others may fail too.
#[expect(clippy::too_many_lines, reason = "one arm for each fault")]
pub(crate) fn caught_by(fault: Fault) -> &'static [&'static str] {
    match fault {
        Fault::CommitsNothing => &[
            "units::a_commit_makes_everything_visible",
            "audit::events_are_visible_at_the_commit",
            "sessions::a_session_is_there_at_the_commit_and_not_before",
            "changes::a_change_is_there_once_after_the_commit_and_not_before",
            "subject_keys::a_key_is_there_at_the_commit_and_not_before",
        ],
        Fault::CommitsEachStatement => &[
            "units::nothing_is_visible_before_the_commit",
            "units::a_dropped_unit_leaves_nothing",
            "counters::units_that_never_were_are_not_counted",
            "units::a_dropped_unit_gives_back_the_names_it_took",
            "audit::events_of_a_dropped_unit_never_happened",
            "audit::events_of_a_unit_that_met_an_error_never_happened",
            "isolation::a_cancelled_statement_leaves_nothing",
            "isolation::the_changes_of_a_unit_appear_together",
            "administrators::who_counts_waits_for_the_unit_that_counted_before",
            "administrators::two_units_never_take_the_last_two_administrators_away",
            "first_user::a_unit_that_never_was_leaves_the_storage_empty",
            "first_user::who_asks_waits_for_the_unit_that_asked_before",
            "first_user::of_units_that_make_the_first_user_one_does",
            "failures::failures_of_a_dropped_unit_never_happened",
            "failures::of_failures_at_once_none_is_lost",
            "failures::of_failures_at_once_in_two_places_none_is_lost",
            "networks::signing_in_is_known_at_the_commit_and_not_before",
            "sessions::a_session_is_there_at_the_commit_and_not_before",
            "refreshing::a_token_of_a_dropped_unit_is_not_spent",
            "one_time_tokens::a_token_that_was_taken_by_a_dropped_unit_is_still_good",
            "changes::a_change_is_there_once_after_the_commit_and_not_before",
            "changes::changes_of_dropped_units_never_happened",
            "subject_keys::a_key_is_there_at_the_commit_and_not_before",
            "repeated_requests::a_reservation_is_there_at_the_commit_and_not_before",
            "imports::progress_and_users_are_stored_together_or_not_at_all",
            "erasing::an_erasure_that_is_dropped_erases_nobody",
        ],
        Fault::CommitsWhenDropped => &["units::a_dropped_unit_leaves_nothing", "totals::totals_follow_every_change"],
        Fault::IsNeverPoisoned => &[
            "units::a_unit_that_met_a_taken_username_cannot_commit",
            "units::a_unit_that_met_a_taken_email_cannot_commit",
            "units::a_unit_that_met_a_taken_external_id_cannot_commit",
            "units::a_unit_that_met_a_stale_version_cannot_commit",
            "units::a_refused_commit_lets_the_next_unit_begin",
            "audit::events_of_a_unit_that_met_an_error_never_happened",
            "inserting_many::of_many_users_all_are_stored_or_none",
        ],
        Fault::IsMendedBySuccess => &["units::no_later_statement_mends_a_unit_that_met_an_error"],
        Fault::HangsAfterARefusedCommit => &["units::a_refused_commit_lets_the_next_unit_begin"],
        Fault::HidesItsOwnChanges => &[
            "units::a_unit_sees_its_own_changes",
            "updating::a_user_can_be_changed_again_in_the_same_unit",
            "sessions::a_unit_finds_the_sessions_that_it_opened",
            "in_the_way::a_unit_stands_in_its_own_way",
        ],
        Fault::LeaksCancelledBegins => {
            &["isolation::a_cancelled_begin_leaves_nothing", "isolation::a_begin_cancelled_in_the_queue_leaves_nothing"]
        }
        Fault::WaitsTooLong => &["isolation::a_begin_that_must_wait_gives_up_within_two_seconds"],
        Fault::ReadsASnapshot => &["isolation::a_unit_sees_what_others_committed_before_each_statement"],
        Fault::LosesUpdates => &[
            "races::no_increment_is_lost",
            "races::of_units_that_change_one_version_one_wins",
            "failures::of_failures_at_once_none_is_lost",
            "ending::a_session_that_is_refreshed_while_it_is_revoked_stays_revoked",
            "ending::a_session_that_is_refreshed_while_all_are_ended_ends_with_them",
        ],

        Fault::UsernamesAreNotUnique => &[
            "names::a_username_is_taken_once",
            "names::restoring_meets_names_that_were_taken_meanwhile",
            "updating::a_taken_name_is_refused_on_update",
            "races::of_units_that_take_one_username_one_wins",
            "races::of_a_new_and_a_restored_user_one_gets_the_name",
            "spelling::usernames_are_one_if_their_keys_are",
            "inserting_many::many_users_hear_of_what_is_taken",
            "inserting_many::many_users_hear_of_what_two_of_them_share",
            "inserting_many::many_users_beside_single_ones_take_a_name_once",
        ],
        Fault::EmailsAreNotUnique => &[
            "names::an_email_is_taken_once",
            "names::restoring_meets_names_that_were_taken_meanwhile",
            "updating::a_taken_name_is_refused_on_update",
            "races::of_units_that_take_one_email_one_wins",
            "spelling::emails_are_one_if_their_keys_are",
        ],
        Fault::ExternalIdsAreNotUnique => &[
            "names::an_external_id_is_taken_once",
            "names::the_external_id_of_a_deleted_user_stays_taken",
            "races::of_units_that_take_one_external_id_one_wins",
            "spelling::external_ids_are_one_only_if_they_are_equal",
        ],
        Fault::ComparesNamesByLetter => {
            &["spelling::usernames_are_one_if_their_keys_are", "races::of_units_that_take_one_username_one_wins"]
        }
        Fault::ComparesLikeACollation => &[
            "spelling::usernames_are_one_if_their_keys_are",
            "spelling::emails_are_one_if_their_keys_are",
            "spelling::external_ids_are_one_only_if_they_are_equal",
            "hashes::hashes_are_compared_exactly",
            "key_fingerprints::fingerprints_of_several_keys_are_kept_apart",
        ],
        Fault::ReportsTheLastConflict => &[
            "names::a_new_user_hears_of_the_username_then_the_email_then_the_external_id",
            "names::a_changed_user_hears_of_the_username_then_the_email_then_the_external_id",
            "names::a_restored_user_hears_of_the_username_before_the_email",
        ],
        Fault::NeverFreesNames => {
            &["names::deleting_frees_the_names", "names::deleted_users_may_have_had_the_same_names"]
        }
        Fault::FreesReservedNames => &["names::reserved_names_stay_taken_after_deletion"],
        Fault::FreesExternalIdsOnDeletion => &["names::the_external_id_of_a_deleted_user_stays_taken"],
        Fault::MissingExternalIdsConflict => &["names::any_number_of_users_have_no_external_id"],
        Fault::RestoringTakesNoNames => &["names::restoring_takes_the_names_again"],
        Fault::OwnNamesConflict => &["updating::a_user_may_write_their_own_names_differently"],

        Fault::GivesNumbersTwice => &[
            "numbers::everybody_has_a_number_of_their_own",
            "numbers::the_number_of_a_deleted_user_is_not_given_again",
            "races::units_that_have_nothing_to_do_with_each_other_all_commit",
            "changes::numbers_grow_as_changes_are_written",
            "sequencing::events_without_a_place_are_found_by_number",
            "erasing::a_number_of_the_erased_never_comes_again",
        ],
        Fault::UuidsAreNotUnique => {
            &["numbers::a_uuid_is_never_stored_twice", "inserting_many::uuids_of_others_are_taken_living_or_deleted"]
        }
        Fault::FindsSomebodyForAnyNumber => &[
            "numbers::nobody_has_an_unknown_number",
            "signing_in::a_text_that_is_nobodys_name_finds_nobody",
            "sessions::what_was_never_opened_is_not_found",
        ],
        Fault::IgnoresVersions => &[
            "updating::a_stale_version_is_refused",
            "updating::a_version_that_is_not_stored_yet_is_refused",
            "erasing::who_was_changed_meanwhile_is_not_erased",
            "erasing_beside::of_an_update_and_an_erasure_at_once_one_succeeds",
        ],
        Fault::SavesUnknownUsers => {
            &["updating::a_user_who_is_not_stored_has_a_stale_version", "erasing::nobody_is_erased_twice"]
        }
        Fault::RefusesUnchangedUsers => &["updating::a_user_without_a_change_can_be_saved"],
        Fault::KeepsTheOldVersion => &["updating::each_saved_change_is_one_version"],
        Fault::KeepsTheOldNames => {
            &["updating::renaming_frees_the_old_names", "signing_in::a_renamed_user_is_found_by_the_new_names_alone"]
        }

        Fault::CutsTimesToMilliseconds => &[
            "values::times_read_back_to_the_microsecond",
            "records::a_new_user_reads_back_whole",
            "sealed_events::times_of_events_read_back_to_the_microsecond",
            "repeated_requests::a_reservation_reads_back_with_every_value",
            "imports::progress_reads_back_with_every_value",
            "inserting_many::many_users_are_stored_with_every_value",
        ],
        Fault::LosesTimesAfter2038 => &["values::times_read_back_to_the_microsecond"],
        Fault::TrimsTexts => &["values::texts_read_back_as_they_were_written"],
        Fault::StoresEmptyTextsAsMissing => &["values::an_empty_text_is_not_a_missing_one"],
        Fault::StoresMissingTextsAsEmpty => &[
            "records::a_user_with_nothing_optional_reads_back",
            "sealed_events::an_event_with_nothing_optional_reads_back",
        ],
        Fault::CutsLongTexts => &[
            "values::the_longest_values_can_be_stored",
            "spelling::texts_that_differ_at_their_end_alone_are_two",
            "subject_keys::a_key_reads_back_byte_by_byte",
        ],
        Fault::RefusesLongFoldedNames => &["values::a_name_that_grows_when_folded_can_be_stored_and_found"],
        Fault::ReadsNumbersAsDoubles => &["values::metadata_read_back_as_the_same_json"],
        Fault::RefusesLargeMetadata => &["values::the_largest_metadata_can_be_stored"],
        Fault::LowercasesHashes => &["values::password_hashes_read_back_exactly"],
        Fault::ForgetsToClear => &["records::every_optional_field_can_be_cleared"],
        Fault::ForgetsAField => &["records::every_field_can_be_replaced"],
        Fault::RoleIsAlwaysUser => {
            &["records::every_role_and_state_reads_back", "access::a_session_is_known_with_its_user"]
        }
        Fault::UpdatesEverybody => &[
            "records::updating_one_user_changes_nobody_else",
            "hashes::a_better_hash_is_put_in_the_place_of_one_users_hash",
        ],

        Fault::ReadersLagBehind => &[
            "reading::a_reader_sees_what_was_committed_before",
            "signing_in::whoever_holds_a_name_is_found_with_every_value",
        ],
        Fault::ReadersIgnoreTheScope => &[
            "reading::a_deleted_user_is_found_among_the_deleted",
            "reading::a_living_user_is_found_among_the_living",
            "reading::a_restored_user_is_found_among_the_living_again",
        ],
        Fault::UnitsFindTheDeleted => {
            &["reading::a_unit_finds_deleted_users_only_where_they_are_asked_for", "units::a_unit_sees_its_own_changes"]
        }

        Fault::ForgetsEvents => &[
            "audit::every_action_is_kept",
            "audit::any_number_of_events_can_be_written_at_once",
            "changes::changes_of_many_units_at_once_are_all_there",
        ],
        Fault::EventsNeedNoCommit => &[
            "audit::events_are_visible_at_the_commit",
            "audit::events_of_a_dropped_unit_never_happened",
            "audit::events_of_a_unit_that_met_an_error_never_happened",
        ],

        Fault::IgnoresFilters => &[
            "filters::each_condition_finds_whom_it_describes",
            "filters::conditions_combine",
            "filters::lookups_combine_with_other_conditions",
            "walking::a_walk_shows_whom_the_filter_lets_through",
        ],
        Fault::BoundsAreInclusive => &[
            "filters::being_made_at_the_very_moment_is_neither_after_nor_before",
            "filters::each_condition_finds_whom_it_describes",
            "event_lists::events_are_listed_from_a_moment_on_and_before_another",
            "erasing::who_was_deleted_before_a_moment_is_named_in_order",
        ],
        Fault::LooksUpOnlyAscii => &[
            "spelling::usernames_are_looked_up_by_key",
            "spelling::emails_are_looked_up_by_key",
            "signing_in::a_name_is_found_however_it_is_typed",
            "spelling::whoever_signs_in_is_found_by_the_key_of_a_username",
            "spelling::whoever_signs_in_is_found_by_the_key_of_an_email",
            "in_the_way::names_are_compared_by_key",
        ],
        Fault::LooksUpLikeACollation => &["spelling::external_ids_are_looked_up_as_they_are"],
        Fault::FindsOnlyTheUnchanged => &["filters::a_changed_user_is_found_by_what_they_are_now"],
        Fault::SearchesInside => {
            &["searching::a_search_finds_no_middle", "searching::every_beginning_finds_whom_it_should"]
        }
        Fault::SearchesOnlyBeginnings => &[
            "searching_inside::a_text_is_found_anywhere_in_each_name",
            "searching_inside::the_cursor_leads_through_all_found",
            "searching_inside::every_part_of_odd_names_is_found",
            "searching_inside::a_common_text_is_found_in_any_order",
            "searching_inside::changed_names_are_found_as_they_are_now",
            "searching_inside::the_deleted_and_the_erased_are_found_where_they_should",
            "searching_inside::users_inserted_together_are_found",
        ],
        Fault::SearchesInsideWithLike | Fault::SearchesInsideByLettersOnly => {
            &["searching_inside::every_character_means_itself"]
        }
        Fault::SearchesInsideAcrossTexts => &["searching_inside::nothing_is_found_across_two_names"],
        Fault::SearchesInsideByThrees => &["searching_inside::pieces_of_the_text_are_not_the_text"],
        Fault::SearchesInsideNoShortTexts => &["searching_inside::short_texts_are_found"],
        Fault::SearchesUsernamesOnly => &["searching::a_search_finds_the_beginning_of_each_name"],
        Fault::SearchesStoredFullNames => &["searching::a_search_sees_the_full_name_that_is_shown"],
        Fault::SearchesWithLike => &[
            "searching::wildcards_are_letters_like_any_other",
            "spelling::odd_usernames_are_found_by_their_beginnings",
        ],
        Fault::SearchesLowerCaseOnly => &[
            "searching::case_width_and_composition_do_not_count",
            "spelling::odd_usernames_are_found_by_their_beginnings",
        ],
        Fault::ForgetsTheEndOfARange => &["searching::the_end_of_all_characters_is_found"],
        Fault::ShowsSomebodyTwice => &[
            "searching::somebody_found_twice_is_shown_once",
            "in_the_way::whoever_stands_in_the_way_is_named_once_with_every_value",
        ],
        Fault::SearchesTheLivingOnly => &["searching::deleted_users_are_found_where_they_are_asked_for"],
        Fault::IgnoresTheDirection => &["sorting::every_sort_orders_both_ways"],
        Fault::TiesAlwaysAscend => &["sorting::ties_follow_the_number_in_the_same_direction"],
        Fault::SortsBySeconds => &["sorting::times_are_compared_to_the_microsecond"],
        Fault::SortsByUtf16 => &[
            "sorting::texts_are_ordered_by_code_points",
            "spelling::odd_usernames_are_listed_in_one_order",
            "spelling::odd_emails_are_listed_in_one_order",
        ],
        Fault::SortsOnlyWithoutFilter => &["sorting::filters_keep_the_order"],
        Fault::SortsNeverWithTheRest => &["sorting::who_never_signed_in_comes_last_in_both_directions"],
        Fault::GivesOneTooMany => &[
            "paging::a_page_has_exactly_as_many_as_asked_for",
            "paging::a_limit_of_nothing_asks_for_the_total_alone",
            "event_lists::a_page_has_as_many_events_as_asked_for",
            "sequencing::at_most_so_many_events_are_found_the_least_number_first",
            "kept_data::kept_sessions_are_read_page_by_page",
        ],
        Fault::SkipsOneTooMany => &["paging::skipping_leaves_out_exactly_so_many"],
        Fault::SkipOverflows => &["paging::behind_the_end_there_is_nothing"],
        Fault::SkipsBlocksWrongly => &[
            "paging::deep_pages_are_exact",
            "deep_pages::deep_pages_are_those_of_skipping_row_by_row",
            "deep_pages::deep_pages_follow_every_change_before_them",
            "deep_pages::deep_pages_stand_still_while_as_many_come_as_go_before_them",
        ],
        Fault::GivesFiftyAtMost => &["paging::the_longest_page_is_given_whole", "chain::links_are_read_page_by_page"],
        Fault::AlwaysSaysThatMoreFollow => &["paging::there_is_a_next_page_exactly_if_more_follow"],
        Fault::CountsThePage => &["paging::the_total_does_not_depend_on_the_page"],
        Fault::AlwaysCounts => &["paging::nothing_is_counted_unless_asked_for"],
        Fault::AfterIncludesThePosition => &[
            "walking::a_walk_shows_everybody_once_in_order",
            "walking::a_walk_goes_on_from_a_page_that_was_skipped_to",
            "walking::any_position_can_be_gone_on_from",
            "exporting::an_export_shows_everybody_once_page_by_page",
        ],
        Fault::AfterLeavesOutTies => &["walking::a_walk_shows_everybody_once_in_order"],
        Fault::AfterNeedsTheUser => {
            &["walking::a_walk_goes_on_where_its_last_user_is_gone", "walking::any_position_can_be_gone_on_from"]
        }
        Fault::AfterIsAnOffset => &[
            "walking::a_walk_shows_steady_users_once_whatever_comes_and_goes",
            "exporting::an_export_shows_who_stays_once_whoever_comes_and_goes",
        ],
        Fault::ListsSomebodyWhoIsNot => &["filters::without_users_there_is_nothing_to_list"],
        Fault::NeverCapsTotals => &["totals::a_search_stops_counting_at_its_cap"],
        Fault::CountsTheDeleted => &["totals::totals_follow_every_change"],
        Fault::LosesCounts => &[
            "races::totals_are_exact_after_many_units_at_once",
            "counters::totals_are_those_walked_to_after_many_writers",
            "inserting_many::many_users_are_counted",
        ],

        Fault::EndsSuspensionsLate => &["suspensions::a_suspension_ends_at_its_moment"],
        Fault::EndsEverySuspension => &["suspensions::only_living_inactive_users_with_an_end_are_named"],
        Fault::NamesSuspensionsBackwards => &["suspensions::suspensions_are_named_in_the_order_they_ended"],
        Fault::CountsEveryAdministrator => &["administrators::only_living_active_administrators_are_counted"],
        Fault::CountsCommittedAdministrators => &["administrators::a_units_own_changes_are_counted"],

        Fault::IsNeverEmpty => &["first_user::a_fresh_storage_is_empty_until_somebody_is_stored"],
        Fault::SeesOnlyTheLiving => &[
            "first_user::a_storage_whose_users_are_all_deleted_is_not_empty",
            "in_the_way::the_deleted_stand_in_the_way_with_what_stays_theirs",
        ],
        Fault::UpgradesAnyHash => &[
            "hashes::a_better_hash_replaces_the_one_that_was_verified_alone",
            "hashes::a_better_hash_never_takes_a_new_password_back",
        ],
        Fault::UpgradesWithAVersion => &["hashes::a_better_hash_is_no_change_of_the_user"],

        Fault::FindsActiveLoginsOnly => &["signing_in::who_is_inactive_is_found"],
        Fault::FindsDeletedLogins => &[
            "signing_in::who_was_deleted_is_not_found",
            "signing_in::who_was_deleted_is_not_found_though_the_names_are_reserved",
            "signing_in::who_took_the_names_of_a_deleted_user_is_found",
        ],
        Fault::ForgetsWaits => &["failures::failures_read_back_with_every_value"],
        Fault::KeepsTheFirstRun => &["failures::a_later_run_takes_the_place_of_the_one_before"],
        Fault::CountsPlacesTogether => &["failures::failures_of_each_place_are_counted_apart"],
        Fault::NotesEveryDelay | Fault::NotesOneDelayOnly => {
            &["failures::somebody_who_waits_is_noted_once_after_each_failure"]
        }
        Fault::ForgetsNothing => &[
            "failures::forgetting_one_place_leaves_the_others",
            "failures::forgetting_a_name_forgets_it_everywhere_and_no_other_name",
            "one_time_tokens::tokens_of_a_user_can_be_forgotten",
            "repeated_requests::a_reservation_is_released_if_nothing_came_of_it",
            "leases::a_lease_that_is_given_back_can_be_taken",
        ],
        Fault::ForgetsTheWholeName => &["failures::forgetting_one_place_leaves_the_others"],
        Fault::ForgetsAnywhereOnly => &["failures::forgetting_a_name_forgets_it_everywhere_and_no_other_name"],
        Fault::NetworksAreKnownToAll => &[
            "networks::a_network_is_known_to_whoever_signed_in_from_it",
            "kept_data::networks_of_a_person_are_counted",
        ],
        Fault::NetworksGrowOlder => &["networks::a_network_does_not_become_older"],
        Fault::HidesSignIns => &["networks::the_last_sign_in_is_shown_and_never_goes_back"],

        Fault::CutsUserAgents => &["sessions::a_session_reads_back_with_every_value"],
        Fault::FindsLiveSessionsOnly => {
            &["sessions::a_session_is_found_live_or_not", "kept_data::every_kept_session_is_there_live_or_not"]
        }
        Fault::UpdatesNoSessions => &["sessions::updating_replaces_when_a_session_was_used_ends_and_was_revoked"],
        Fault::UpdatesOneSession => &["sessions::many_sessions_are_updated_at_once"],
        Fault::ReplacesWholeSessions => &["sessions::updating_leaves_the_rest_of_a_session_alone"],
        Fault::OrdersSessionsBackwards => &[
            "sessions::live_sessions_are_loaded_the_oldest_first",
            "sessions::live_sessions_are_read_the_newest_first",
        ],
        Fault::ShowsEndedSessions => &["sessions::a_session_lives_until_its_very_end"],
        Fault::ShowsRevokedSessions => &["sessions::revoked_sessions_are_not_live"],
        Fault::ShowsSessionsOfOthers => &["sessions::sessions_of_others_are_left_out"],
        Fault::SessionsSlipThrough => &[
            "ending::who_loads_the_live_sessions_waits_for_one_that_is_being_opened",
            "ending::who_opens_a_session_waits_for_one_who_loaded_the_live_ones",
            "ending::no_session_slips_through_whoever_ends_all_of_them",
        ],
        Fault::ForgetsParents => {
            &["refreshing::a_token_reads_back_with_every_value", "refreshing::a_successor_is_known_to_be_spent"]
        }
        Fault::SpendsTokensTwice => {
            &["refreshing::a_token_is_spent_once", "refreshing::of_units_that_spend_one_token_one_succeeds"]
        }
        Fault::FindsUnspentTokensOnly => &["refreshing::a_token_leads_to_its_session_spent_or_not"],
        Fault::TakesSpentForSuccessor => &["refreshing::a_successor_is_known_to_be_spent"],
        Fault::RemembersAccess => &["access::a_session_is_known_with_its_user_as_they_are_now"],
        Fault::IgnoresWhatEndsSessions => &[
            "access::a_session_of_an_inactive_user_may_not_be_used",
            "access::a_session_of_a_deleted_user_may_not_be_used",
            "access::a_revoked_session_may_not_be_used",
            "access::sessions_of_one_user_are_known_apart",
        ],
        Fault::HidesEndedSessions => &["access::when_a_session_ends_is_known_before_and_after"],

        Fault::TakesTokensTwice => &[
            "one_time_tokens::a_token_says_whose_it_was_once",
            "one_time_tokens::of_units_that_take_one_token_one_gets_it",
        ],
        Fault::TakesExpiredTokens => &["one_time_tokens::a_token_is_good_until_it_expires"],
        Fault::KeepsReplacedTokens => &[
            "one_time_tokens::a_later_token_makes_the_earlier_ones_useless",
            "one_time_tokens::of_tokens_that_are_given_out_at_once_one_is_good",
        ],

        Fault::CleansUpAMomentEarly => &[
            "clearing::sessions_that_ended_before_are_deleted_and_no_others",
            "clearing::runs_that_are_over_are_deleted_and_no_others",
            "clearing::networks_that_nobody_came_from_since_are_deleted_and_no_others",
            "clearing::one_time_tokens_that_have_expired_are_deleted_and_no_others",
            "repeated_requests::old_reservations_are_deleted_with_their_outcomes_and_no_others",
        ],
        Fault::CleansUpWithoutLimit => &[
            "clearing::at_most_so_many_sessions_are_deleted_at_once",
            "clearing::at_most_so_many_runs_and_networks_are_deleted_at_once",
            "clearing::at_most_so_many_one_time_tokens_are_deleted_at_once",
            "repeated_requests::at_most_so_many_reservations_are_deleted_at_once",
        ],
        Fault::LeavesTokensBehind => &["clearing::the_tokens_of_a_deleted_session_go_with_it"],

        Fault::CountsOneChangeTooMany => {
            &["changes::before_the_first_change_there_is_none", "changes::the_newest_number_is_that_of_the_last_change"]
        }
        Fault::ForgetsWhoIsNew => &["changes::changes_tell_who_is_new_and_whether_totals_change"],
        Fault::ForgetsSessionsOfChanges => &["changes::changes_tell_of_users_and_of_sessions"],
        Fault::SkipsChangesWithoutAUser => &["changes::changes_that_are_about_nobody_are_there_too"],
        Fault::SkipsAChangeAtEachPage => {
            &["changes::changes_are_read_page_by_page_without_a_loss", "history::a_history_is_read_page_by_page"]
        }
        Fault::LosesLateChanges => &[
            "changes::a_change_that_is_committed_late_is_found_by_looking_again",
            "sequencing::an_event_that_is_committed_late_is_found_behind_others",
        ],

        Fault::MakesFingerprintsUp => &["key_fingerprints::no_fingerprint_is_there_before_one_is_kept"],
        Fault::EndsFingerprintsAtZero => &[
            "key_fingerprints::a_fingerprint_reads_back_byte_by_byte",
            "sealed_events::codes_of_events_read_back_byte_by_byte",
            "chain::a_checkpoint_reads_back_byte_by_byte",
        ],
        Fault::ReplacesFingerprints => &[
            "key_fingerprints::a_fingerprint_is_kept_once_and_no_other_is_kept_after_it",
            "key_fingerprints::of_processes_that_keep_different_fingerprints_all_hear_of_one",
            "key_fingerprints::a_fingerprint_is_replaced_by_whoever_knows_it",
        ],
        Fault::KeepsOneFingerprint => &["key_fingerprints::fingerprints_of_several_keys_are_kept_apart"],
        Fault::LooksBeforeItKeeps => {
            &["key_fingerprints::of_processes_that_keep_different_fingerprints_all_hear_of_one"]
        }
        Fault::LooksBeforeItReplaces => {
            &["key_fingerprints::of_processes_that_replace_one_fingerprint_all_hear_of_one"]
        }

        Fault::SeesDifferencesThatAreNone => &["recounting::what_units_have_changed_never_differs"],
        Fault::MendsNothing => &["recounting::what_was_damaged_is_mended_once_while_others_write"],

        Fault::IsNotMigrated => &["probing::a_fresh_database_is_current"],
        Fault::AnswersAnOutageLate | Fault::MisnamesAnOutage => &[
            "outage::a_unit_cannot_begin_and_says_so_within_two_seconds",
            "outage::a_probe_says_so_within_two_seconds",
            "outage::a_reader_hears_so_within_two_seconds",
            "outage::a_reader_of_sessions_and_changes_hears_so_within_two_seconds",
            "outage::a_keeper_of_fingerprints_hears_so_within_two_seconds",
            "outage::a_reader_of_events_hears_so_within_two_seconds",
            "outage::a_sequencer_hears_so_within_two_seconds",
            "outage::a_holder_of_a_lease_hears_so_within_two_seconds",
        ],
        of_the_trail_and_what_came_with_it => caught_of_the_trail(of_the_trail_and_what_came_with_it),
    }
}
