"""Which test holds which sentence of RULES 4.1 to 4.3: each is named by a few words, with the tests that would fail."""

from __future__ import annotations

import re
from functools import cache

import pytest

from portal.settings import ROOT

PLACES = {
    "reckoning": "models/commission/test_reckoning.py",
    "terms": "models/commission/test_terms.py",
    "earn_day": "models/commission/test_earn_day.py",
    "closing": "models/commission/test_closing.py",
    "impact": "models/commission/test_impact.py",
    "readers": "models/commission/test_readers.py",
    "independent": "models/commission/test_independent.py",
    "pages": "views/commission/test_commission.py",
    "disputes": "views/commission/test_disputes.py",
    "money": "attacks/test_money.py",
    "merit": "attacks/test_merit.py",
    "races": "attacks/test_races.py",
    "voice": "views/experiences/test_voice.py",
    "reviews": "models/experiences/test_reviews.py",
    "rubric": "models/experiences/test_rubric.py",
    "experiences": "models/experiences/test_experiences.py",
    "rewrites": "models/experiences/test_rewrites.py",
    "anchors": "models/experiences/test_anchors.py",
    "calibration": "models/insights/test_calibration.py",
    "blindness": "attacks/test_blindness_everywhere.py",
    "points": "models/expertise/test_points.py",
    "thanks": "models/knowledge/test_thanks.py",
    "badges": "models/knowledge/test_badges.py",
    "votes": "models/knowledge/test_votes.py",
    "checks": "models/knowledge/test_checks.py",
    "questions": "models/knowledge/test_questions.py",
    "uses": "models/sales/test_article_uses.py",
    "payments": "models/sales/test_payments.py",
    "needs": "views/home/test_needs_me.py",
    "accepted": "models/knowledge/test_accepted.py",
    "repeats": "search/test_repeats.py",
    "attempts": "models/learning/test_attempts.py",
    "people": "views/knowledge/test_people.py",
}

PAY = """
count rule: accepted experiences of the month of writing | reckoning: two_accepted_pay_20_500_and_one_pays_20_000
month of writing is the default, of decision an option | reckoning: by_month_of_decision_where_the_policy_says_so
months end in the company's zone | reckoning: the_last_microsecond_of_a_month_is_of_it_in_every_zone
two counts, by default operator and threshold | terms: bonus_is_a_step_at_two
operator is stored in the policy | terms: strictly_more_than_the_threshold_where_the_policy_says_so
group, policy, rate and credit of the earn day | earn_day: a_move_does_not_rate_anew_what_was_earned_before_it
a line earns once | earn_day: a_deal_signed_under_one_trigger_and_paid_under_another_is_paid_once
a policy starts in a month that has not begun | earn_day: a_version_starts_in_a_month_that_has_not_begun
threshold at least 1 | impact: terms_that_cannot_be
no bonus without employment | reckoning: a_month_without_employment_has_no_bonus
not counted: duplicates, documents, own re-writes | reckoning: undecided_uncounted_and_others_items_do_not_count
not counted: own re-writes | rewrites: nothing_is_earned_or_counted_again
not counted: revoked | reckoning: a_revocation_for_fault_takes_the_bonus_back
revised in 10 working days keeps its day | experiences: a_revision_within_10_working_days_keeps_its_first_date
co-authors' shares sum to one | reckoning: co_authors_count_their_shares
shares leave something for everyone | experiences: shares_must_leave_something_for_everyone
two readings, 50-fold | terms: the_two_readings_differ_fifty_fold
both shown before approval | pages: comparing_the_readings_comes_first
base: lines whose earn day lies in the month | reckoning: money_belongs_to_the_day_it_came
earn trigger is policy data | reckoning: only_the_earn_trigger_counts
highest tier alone | terms: highest_tier_reached_counts_alone
confirmed money alone pays | money: no_close_pays_what_nobody_confirmed
confirmed by nobody whom it pays | money: finance_does_not_confirm_what_pays_it
a reversal is undone by finance alone | payments: what_finance_took_back_does_not_come_back_by_the_payee
bulk import by finance confirms its own lines | money: a_payees_own_import_waits_for_finance
whatever trigger pays | money: the_payees_own_word_and_day_earn_nothing_under_any_trigger
confirmed or undone, never both | races: money_is_confirmed_or_its_win_undone_never_both
printed products multiply out | reckoning: each_share_multiplies_out_to_the_cent
a difference is two products | pages: a_true_up_is_printed_as_the_difference_of_two_products
a closed month shows its stored statements | pages: closed_statement_reads_the_same
late money shown once, where it is paid | pages: a_closed_month_without_a_statement_pays_nothing_and_says_where_late_money_comes
half up | terms: five_hundredths_of_a_percent_round_half_up
one rounding for each line, totals add them | terms: each_line_is_rounded_and_totals_add_the_rounded_lines
rates are exact | reckoning: rates_on_file_are_exact
open, preview, closed, paid | pages: a_month_is_previewed_closed_exported_and_paid
preview within two working days | closing: a_month_is_previewed_in_time_by_itself_and_payees_are_told_once
close on working day 5 | closing: a_policy_says_on_which_working_days_a_month_is_due
inputs frozen with a hash | closing: digests_follow_from_the_inputs_alone
closed periods never change | closing: the_database_refuses_to_change_what_is_closed
late acceptance is trued up | reckoning: a_late_acceptance_is_trued_up_in_the_open_month
at the policy of its month | reckoning: a_true_up_uses_the_terms_of_its_month
revocation at the original rate | reckoning: a_revocation_for_fault_takes_the_bonus_back
superseded or ended: no clawback | reckoning: an_outdated_item_keeps_its_bonus
six months after payment | reckoning: after_six_months_from_payment_nothing_is_taken_back
reversal with its bonus at the original rate | reckoning: a_reversal_takes_back_at_the_original_rate
never below zero, the rest carried | reckoning: what_cannot_be_taken_back_is_carried_until_it_is
a fifth of the wage, not under the minimum | terms: recovery_never_goes_below_zero_or_the_minimum_wage
jurisdiction | impact: mainland_law_bounds_what_is_taken_back
jurisdiction refuses other bounds | impact: terms_that_cannot_be
disputes: line by line, answered and paid | pages: a_dispute_is_raised_answered_and_paid
disputes: ten working days | pages: disputes_end_after_ten_working_days
disputes: resolver is no reviewer of the item | pages: a_reviewer_of_the_item_does_not_resolve
disputes: answer in five working days | disputes: a_late_answer_is_said_and_asked_of_administrators
disputes: upheld makes an adjustment | disputes: a_refused_adjustment_opens_the_dispute_again_and_says_so
approved policy is immutable | pages: an_approved_policy_cannot_be_edited
no overlap for a group | closing: versions_do_not_overlap
four eyes | closing: the_author_does_not_approve
back-test on closed months | closing: a_back_test_says_who_gains_and_who_loses
payees acknowledge | readers: who_is_covered_is_told_and_stays_asked_until_they_have_read_it
each line stores its version | reckoning: closing_keeps_lines_with_their_sources
threshold prorated for joiners | reckoning: joiners_need_fewer_where_the_policy_prorates
threshold prorated for leave | impact: leave_lowers_the_threshold_where_the_policy_says_so
late leave: a second person | impact: leave_noted_after_the_close_waits_for_a_second_person
leavers' items as the contract says | reckoning: leavers_items_count_unless_the_contract_says_no
handover never moves closed credit | reckoning: closed_credit_never_moves_with_the_owner
duties are apart: closer and payer | closing: the_closer_does_not_pay
duties are apart: reviewer and closer | pages: who_scores_experiences_does_not_close
adjustment: reason and second person | reckoning: an_adjustment_needs_its_second_person_to_be_paid
re-running is idempotent | closing: previewing_twice_keeps_one_statement_each
exports carry a checksum | pages: the_payroll_file_holds_its_own_checksum
disputes: upheld where it waits, by a second person paid | needs: an_objection_is_upheld_in_place_and_a_second_person_decides_what_it_pays
impact: two uses by others | impact: it_counts_once_it_worked_for_two_others
impact: of one colleague three in a week | impact: the_fourth_word_of_one_colleague_in_a_week_counts_nothing
impact: within 60 days | impact: within_sixty_days_to_the_last_microsecond
impact: acceptance alone stays the default | impact: by_default_acceptance_alone_counts_and_the_back_test_tells_the_difference
all of it at once | independent: the_portal_pays_to_the_cent_what_the_rules_say
"""
REVIEW = """
rubric, weights and score | rubric: a_score_weighs_the_five_criteria
exactly 70 accepts | reviews: exactly_70_is_accepted
correctness from each | rubric: correctness_under_three_from_anyone_prevents_acceptance
no hard fail | rubric: a_hard_fail_from_anyone_prevents_acceptance
two reviewers of the topic | reviews: reviewers_of_the_topic_are_asked_the_least_busy_first
proven in the topic, or above it | reviews: a_reviewer_of_the_topic_above_may_judge_and_of_another_may_not
blind to each other until both are in | reviews: reviewers_see_each_other_only_once_it_is_decided
over 15 points or another verdict: a third | rubric: more_than_15_points_or_another_verdict_calls_a_third
median and majority | rubric: three_decide_by_median_and_majority
blind: an author cannot tell who reviewed | blindness: an_author_cannot_tell_who_reviewed
blind: a reviewer cannot tell who wrote | blindness: a_reviewer_cannot_tell_who_wrote
blind: nobody hears an author | voice: nobody_else_hears_it_before_or_after_it_is_judged
reviews are credited by month | reviews: reviews_are_credited_when_the_month_is_over
a changed text has no score until reviewed | rewrites: a_score_belongs_to_the_version_that_was_read
conflicts: author, co-author, manager, deal | reviews: authors_co_authors_their_managers_and_partners_in_the_deal_are_excluded
conflicts: pairs with over three mutual reviews | reviews: pairs_with_more_than_3_reviews_in_30_days_are_excluded
none left: panel lead, marked | reviews: without_competent_reviewers_a_panel_lead_stands_in_and_is_marked
the same points for accept and reject | reviews: what_is_withdrawn_and_handed_in_again_is_thanked_for_once
reminder, reassignment, panel lead by the clock | reviews: late_reviewers_are_reminded_replaced_and_relieved_by_the_panel_lead
outcome: revise with list | reviews: the_list_for_a_revision_is_never_empty
outcome: reject with reason | reviews: a_rejection_needs_a_reason_and_tells_it_without_names
outcome: merge with a share of credit | reviews: merged_it_earns_half_the_credit
one appeal, new reviewers | reviews: one_appeal_with_new_reviewers
severity | calibration: severity_is_the_mean_difference_to_the_others
severity over 8 with 10 items | calibration: it_is_striking_over_8_points_in_10_texts
anchor item | anchors: its_reviewer_learns_the_distance_afterwards_and_nobody_gains
alpha | calibration: alpha_of_the_known_example
accept rate of reviewer and pair | calibration: pairs_and_who_judged_each_other
one reviewer where no money is earned | rewrites: what_earns_money_is_never_judged_by_one
a minor edit needs a reviewer's word | accepted: a_reviewer_of_its_topic_may_call_a_change_minor
a changed text changes no pay | rewrites: nothing_is_earned_or_counted_again
improvement earns half | reviews: an_improvement_earns_half_and_is_put_before_whose_it_improves
a copy is asked about by meaning | repeats: what_says_more_is_handed_in_to_improve_it_in_one_click
personal data goes before review | experiences: personal_data_is_named_beside_its_field_and_must_go
5-gram overlap of 60 % asks | experiences: a_near_duplicate_is_asked_about_and_may_be_confirmed
overlap however letters are put in | experiences: letters_put_in_hide_no_copy
"""
THANKS = """
ledger is immutable | points: the_ledger_never_changes
experience accepted | reviews: points_follow_credit
vote and its negative twin | thanks: a_vote_gives_two_points_once_and_its_twin_takes_them_back
best answer, and whoever accepts it | questions: the_best_answer_earns_fifteen_once_and_its_chooser_two
exam passed, once | attempts: points_come_once_and_evidence_stands
review done | reviews: reviews_are_credited_when_the_month_is_over
edit accepted | thanks: an_accepted_suggestion_gives_two_points_and_restoring_takes_them_back
article verified in time | checks: still_true_sets_the_next_day_by_its_class_and_is_thanked_for_in_time
fix of a confirmed flag | thanks: mending_what_did_not_work_gives_three_points_once_it_works
used in a won deal, once | thanks: an_answer_used_in_a_won_deal_gives_three_points_once
used in a won deal: an article | uses: an_article_used_in_a_won_deal_gives_three_points_once
used in a solved case | uses: an_article_that_helped_with_a_request_gives_three_points_once_it_is_done
used: no self-use | uses: nobody_is_thanked_for_using_their_own
used: undone, the twin | uses: undoing_the_win_takes_the_points_of_an_article_back
used: of one colleague three cases in seven days | uses: of_one_colleague_three_requests_in_seven_days_count
reversal is the negative twin | points: a_reversal_is_the_negative_twin_once
votes to 40 a day, clamped | thanks: votes_give_forty_points_a_day_and_no_more
first three in seven days | thanks: of_one_colleague_three_votes_in_seven_days_count
bursts are held | votes: the_first_of_a_burst_counts_and_what_follows_within_a_minute_is_held
returns are held | votes: a_vote_in_return_is_held_for_a_week
returns of another sort are held | merit: a_return_of_another_sort
rings are held | merit: vote_ring
leavers' votes stay | thanks: a_leavers_vote_stays
no self votes | thanks: nobody_is_thanked_for_their_own
points never turn into money | points: points_never_become_money_and_votes_never_create_it
total never below zero | points: a_total_cannot_fall_below_zero
badges: people and days | badges: a_badge_needs_a_quarter_as_many_people_and_a_third_as_many_days
badges: low-water mark and grace | badges: it_is_given_once_and_lost_after_fourteen_days_under_nine_tenths
board: own rank and two beside | points: the_board_shows_oneself_and_two_neighbours_on_each_side
board: by team | points: the_board_of_a_department_knows_its_own_people_alone
board: most reused beside it | people: what_helped_most_stands_beside_the_points
board: opt-out | points: who_takes_no_part_stands_on_nobody_s_board
"""


def _held(chapter: str) -> list[tuple[str, str, str]]:
    """Each sentence with the module and the name of its test."""
    found = re.findall(r"^(.+?) \| ([a-z_ ]+): ([a-z0-9_]+)$", chapter, re.M)
    assert len(found) == len(chapter.strip().splitlines())  # none is written so that it is read as nothing
    return found


@cache
def _tests_in(place: str) -> frozenset[str]:
    """The names of the tests of a module."""
    source = (ROOT / "tests" / PLACES[place]).read_text()
    return frozenset(re.findall(r"^def test_(\w+)\(", source, re.M))


@pytest.mark.parametrize(
    ("chapter", "least"), [(PAY, 60), (REVIEW, 25), (THANKS, 20)], ids=["4.1", "4.2", "4.3"]
)
def test_every_sentence_is_held_by_a_test_that_is_there(chapter: str, least: int) -> None:
    held = _held(chapter)
    assert [(words, name) for words, place, name in held if name not in _tests_in(place)] == []
    assert len({words for words, _, _ in held}) == len(held) >= least


def test_every_module_named_here_holds_something() -> None:
    assert {place for chapter in (PAY, REVIEW, THANKS) for _, place, _ in _held(chapter)} == PLACES.keys()
