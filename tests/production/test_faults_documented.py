"""Every kind of trouble has its entry in the operator's guide, and its test."""

from __future__ import annotations

import ast
import re

import pytest

from tests.conftest import REPOSITORY

GUIDE = REPOSITORY / "docs" / "guides" / "operators" / "trouble.md"

FAULTS = {
    "The power fails, or a process is killed": {
        "production/test_torture.py": [
            "test_killed_at_random_moments_nothing_is_lost",
            "test_three_of_each_and_one_of_each_killed_every_second",
        ],
        "workflows/declarations/test_seal.py": [
            "test_a_process_killed_while_it_signs_leaves_nothing_half"
        ],
        "workflows/campaigns/test_ask_killed.py": [
            "test_killed_at_twenty_moments_nobody_is_missed_or_asked_twice"
        ],
    },
    "The timestamp authority fails, or answers garbage": {
        "declaration/seal/test_validation_data.py": [
            "test_an_authority_that_fails_or_lies_leaves_no_seal"
        ],
        "workflows/declarations/test_seal_levels.py": [
            "test_while_the_authority_fails_the_seal_waits"
        ],
    },
    "A key or its passphrase goes missing while the service runs": {
        "workflows/declarations/test_seal.py": [
            "test_a_passphrase_that_is_gone_loses_no_signature"
        ],
        "production/test_serving.py": [
            "test_processes_are_replaced_without_keys_and_versions"
        ],
    },
    "The mail server keeps silent, sends a byte at a time, or never ends a reply": {
        "mail/test_slow_servers.py": ["test_a_server_that_hangs_is_given_up_in_time"],
        "workflows/mailing/test_outcome.py": [
            "test_where_nobody_answers_the_rest_is_left_at_once",
            "test_a_server_that_hangs_in_a_mail_gets_no_other",
        ],
        "workflows/mailing/test_pace.py": [
            "test_a_mail_takes_no_longer_than_it_is_held"
        ],
    },
    "The mail server breaks off in the middle of a mail": {
        "mail/test_slow_servers.py": ["test_a_server_that_hangs_is_given_up_in_time"],
        "workflows/mailing/test_outcome.py": [
            "test_a_mail_that_was_cut_off_is_offered_again_under_its_id"
        ],
    },
    "The mail server's certificate cannot be trusted": {
        "mail/test_smtp.py": [
            "test_required_encryption_needs_a_trusted_certificate",
            "test_a_login_is_never_sent_to_a_stranger",
        ],
        "workflows/mailing/test_outcome.py": [
            "test_where_nobody_answers_the_rest_is_left_at_once"
        ],
    },
    "The mail server refuses for a quota, relaying, a block list or DMARC": {
        "workflows/mailing/test_outcome.py": [
            "test_what_is_not_the_recipients_fault_loses_no_mail",
            "test_the_operator_hears_of_it_once_and_not_by_mail",
        ],
    },
    "The public log cannot be signed": {
        "workflows/mailing/test_pace.py": [
            "test_a_receipt_waits_for_its_proof",
            "test_a_receipt_goes_without_a_proof_that_cannot_be_had",
        ],
    },
    "`versions/` is half pulled, or a file in it is damaged": {
        "production/test_serving.py": [
            "test_processes_are_replaced_without_keys_and_versions"
        ],
        "cli/commands/operations/test_serve.py": [
            "test_a_version_that_was_changed_stops_everything"
        ],
    },
    "A web process ends, or cannot start": {
        "server/test_master.py": [
            "test_a_child_that_is_killed_is_replaced",
            "test_a_child_that_does_not_come_up_ends_nothing",
        ],
    },
    "The service is stopped in the middle of a signature": {
        "production/test_serving.py": [
            "test_a_signature_under_way_is_finished_when_the_service_stops"
        ],
    },
    "Connections are slow, or do nothing at all": {
        "server/test_deadlines.py": [
            "test_others_are_answered",
            "test_they_are_closed_when_their_time_is_over",
            "test_the_one_that_waited_longest_makes_way",
        ],
    },
    'Parents see "This is not our address"': {
        "production/test_proxies.py": ["test_parents_sign_whatever_the_proxy_tells"],
        "web/proxies/test_hosts.py": ["test_any_other_host_is_refused_by_name"],
    },
    "The clock is wrong": {
        "production/test_clocks.py": [
            "test_parents_sign_by_a_clock_that_is_two_hours_behind",
            "test_parents_sign_by_a_clock_that_is_two_days_ahead",
        ],
    },
    "No worker runs for days": {
        "production/test_clocks.py": [
            "test_a_worker_that_was_away_for_a_week_makes_up_for_it"
        ],
    },
    "The disk for files is full": {
        "workflows/backup/test_create.py": ["test_a_full_disk_leaves_no_backup"],
        "workflows/declarations/test_seal.py": [
            "test_a_full_disk_loses_nothing_and_says_nothing_false"
        ],
    },
    "The disk is read-only": {
        "cli/commands/test_files_written.py": [
            "test_a_file_that_cannot_be_written_is_told_in_one_sentence",
            "test_a_head_that_cannot_be_kept_is_no_success",
        ],
    },
    "The temporary folder is full or missing": {
        "web/overload/test_temporary_folder.py": [
            "test_a_signature_is_stored_and_sealed_later",
            "test_a_file_is_not_called_false",
        ],
        "workflows/backup/test_encryption.py": ["test_a_full_temporary_folder_is_told"],
    },
    "A backup or an export is killed": {
        "workflows/operations/test_leftovers.py": ["test_half_written_files_go"],
    },
    "A backup is damaged": {
        "workflows/backup/test_create.py": ["test_a_damaged_backup_puts_nothing_in"],
    },
    "Another program holds the database for long": {
        "production/test_locked_database.py": [
            "test_reading_goes_on_and_signing_is_put_off"
        ],
        "web/overload/test_unavailable.py": [
            "test_a_signature_waits_for_a_database_that_is_busy",
            "test_whoever_only_reads_is_answered_while_others_write",
            "test_writing_that_is_stuck_leaves_threads_for_others",
        ],
    },
    "The database's file, or one beside it, is renamed, removed or replaced while the "
    "service runs": {
        "store/test_identity.py": [
            "test_a_file_that_is_not_the_one_in_use_is_noticed",
            "test_no_further_connection_is_opened_to_other_files",
            "test_a_child_that_has_read_nothing_opens_no_other_file",
            "test_another_process_opens_no_file_beside_the_log_of_writes_of_another",
        ],
        "store/test_schema.py": ["test_looking_for_a_database_creates_none"],
        "web/overload/test_unavailable.py": [
            "test_nothing_is_confirmed_that_goes_into_files_nobody_will_find"
        ],
    },
    "After a crash, another database stands beside the log of writes "
    "(`signer.sqlite3-wal`)": {
        "store/test_identity.py": [
            "test_after_a_crash_no_other_file_is_opened_beside_the_log_of_writes",
            "test_a_database_moved_with_its_log_is_opened_once_the_operator_says_so",
        ],
    },
    "The disk with the database is full, or can only be read": {
        "production/test_full_disk.py": [
            "test_a_full_disk_confirms_nothing_and_loses_nothing"
        ],
        "web/overload/test_unavailable.py": [
            "test_a_full_disk_is_no_fault_of_the_parent"
        ],
    },
    "PostgreSQL is restarted": {
        "production/test_restarted_server.py": [
            "test_parents_sign_across_a_restart_of_the_database"
        ],
        "store/test_restart.py": [
            "test_the_next_transaction_connects_anew",
            "test_a_transaction_that_is_cut_did_not_happen",
        ],
    },
    "The queue's file (`queue.sqlite3`) is damaged or lost": {
        "test_worker_queue.py": [
            "test_a_queue_that_is_spoilt_is_made_anew",
            "test_a_queue_that_is_spoilt_before_the_start_stops_nothing",
        ],
    },
}
"""The tests of each entry, by its first words: functions, by file."""


def entries() -> list[str]:
    """The first words of each entry in the guide."""
    text = GUIDE.read_text("utf-8")
    found = re.findall(r"^- \*\*(.+?)\.\*\*", text, re.MULTILINE | re.DOTALL)
    return [" ".join(words.split()) for words in found]


def test_the_guide_tells_of_each_and_of_no_other() -> None:
    """In the same order, so that an entry is easily found."""
    assert entries() == list(FAULTS)


@pytest.mark.parametrize("fault", FAULTS)
def test_each_has_a_test(fault: str) -> None:
    """The file and the function are there."""
    assert FAULTS[fault]
    for path, names in FAULTS[fault].items():
        tree = ast.parse((REPOSITORY / "tests" / path).read_text("utf-8"))
        functions = {
            one.name for one in ast.walk(tree) if isinstance(one, ast.FunctionDef)
        }
        assert set(names) <= functions, path
