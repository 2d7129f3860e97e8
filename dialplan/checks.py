"""What can only be seen by looking at several entries of a site at once, in the order in which it is told.

A check takes a draft and yields faults. It says nothing about what an unreadable file may hold, and nothing that
merely follows from a fault already told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dialplan.check_announcements import announcements_that_are_over, lost_announcements
from dialplan.check_backends import (
    idle_backends,
    inputs_that_differ,
    open_secrets,
    silent_waits,
    unknown_backends,
    unknown_fields,
    writes_of_readers,
)
from dialplan.check_flows import (
    circular_calls,
    flows_that_never_return,
    returns_of_nobody,
    unknown_flows,
    unknown_outputs,
)
from dialplan.check_handlers import missing_exhausted, missing_failed, nobody_to_reach, sounds_after_hangup
from dialplan.check_hours import empty_hours, holidays_run_out, never_open
from dialplan.check_keys import choices_that_are_not_said, keys_that_are_no_choices, late_choices
from dialplan.check_leaving import transfers_to_nobody, unknown_faxes
from dialplan.check_menus import menus_for_people
from dialplan.check_music import music_out_of_order, unknown_music, unplayable_music
from dialplan.check_outbound import callbacks_nobody_makes, impossible_callbacks
from dialplan.check_paths import (
    endless_loops,
    no_path_to_a_person,
    too_many_choices,
    unreachable_nodes,
    waiting_prefixes,
)
from dialplan.check_people import clashing_codes, clashing_extensions, unknown_phones, wrap_ups_without_end
from dialplan.check_prompts import bad_slots, missing_languages, unknown_prompts
from dialplan.check_queues import lost_keys, lost_overflows, overflow_circles, unsaid_announcements, unsaid_greetings
from dialplan.check_references import (
    repeated_languages,
    unknown_handlers,
    unknown_languages,
    unknown_nodes,
    unknown_queues,
)
from dialplan.check_segments import idle_wishes, numbers_of_two_segments, unknown_segments
from dialplan.check_serving import agents_who_cannot, queues_nobody_serves, unknown_agents, unknown_skills
from dialplan.check_steps import idle_preferences, idle_steps, short_steps, steps_out_of_order
from dialplan.check_transfers import clashing_consult_keys, clashing_queue_extensions, unusable_outbound
from dialplan.check_values import logged_secrets, unsaid_entries, unset_variables
from dialplan.check_variables import changed_facts, unknown_calendars, unknown_variables
from dialplan.draft import Draft
from dialplan.faults import Fault

Check = Callable[[Draft], Iterator[Fault]]

CHECKS: tuple[Check, ...] = (
    unknown_nodes,
    unknown_handlers,
    missing_exhausted,
    missing_failed,
    sounds_after_hangup,
    nobody_to_reach,
    lost_announcements,
    announcements_that_are_over,
    unknown_calendars,
    unknown_variables,
    changed_facts,
    unknown_flows,
    circular_calls,
    flows_that_never_return,
    returns_of_nobody,
    unknown_outputs,
    unknown_backends,
    inputs_that_differ,
    unknown_fields,
    writes_of_readers,
    silent_waits,
    open_secrets,
    idle_backends,
    unknown_queues,
    unknown_languages,
    repeated_languages,
    unknown_prompts,
    missing_languages,
    bad_slots,
    unset_variables,
    unsaid_entries,
    logged_secrets,
    unsaid_announcements,
    unsaid_greetings,
    unplayable_music,
    unknown_music,
    music_out_of_order,
    lost_keys,
    lost_overflows,
    overflow_circles,
    impossible_callbacks,
    callbacks_nobody_makes,
    unknown_faxes,
    transfers_to_nobody,
    unknown_skills,
    queues_nobody_serves,
    unknown_agents,
    agents_who_cannot,
    unknown_segments,
    numbers_of_two_segments,
    idle_wishes,
    steps_out_of_order,
    short_steps,
    idle_steps,
    idle_preferences,
    clashing_extensions,
    clashing_codes,
    clashing_queue_extensions,
    clashing_consult_keys,
    unusable_outbound,
    unknown_phones,
    wrap_ups_without_end,
    unreachable_nodes,
    endless_loops,
    no_path_to_a_person,
    waiting_prefixes,
    too_many_choices,
    menus_for_people,
    keys_that_are_no_choices,
    choices_that_are_not_said,
    late_choices,
    empty_hours,
    never_open,
    holidays_run_out,
)
