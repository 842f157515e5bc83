"""All that decides commands and answers queries: importing a module registers what is in it."""

from core.directory import answers as directory_answers
from core.directory import decisions as directory_decisions
from core.identity import answers as identity_answers
from core.identity import check as identity_check
from core.identity import cleaning as identity_cleaning
from core.identity import credentials as identity_credentials
from core.identity import tenants as identity_tenants
from core.instance import answers as instance_answers
from core.instance import comments as instance_comments
from core.instance import decisions as instance_decisions
from core.instance import deletion as instance_deletion
from core.instance import involvement as instance_involvement
from core.instance import revisions as instance_revisions
from core.instance import scopes as instance_scopes
from core.job import answers as job_answers
from core.job import decisions as job_decisions
from core.library import answers as library_answers
from core.library import decisions as library_decisions
from core.outbox import answers as outbox_answers
from core.outbox import decisions as outbox_decisions
from core.people import answers as people_answers
from core.people import groups as people_groups
from core.people import redirections as people_redirections
from core.people import renames as people_renames
from core.people import users as people_users
from core.process import answers as process_answers
from core.process import assignments as process_assignments
from core.process import decisions as process_decisions
from core.process import drafts as process_drafts
from core.process import stages as process_stages
from core.registry import answers as registry_answers
from core.registry import decisions as registry_decisions
from core.task import answers as task_answers
from core.task import decisions as task_decisions
from core.task import endings as task_endings
from core.task import making as task_making
from core.task import numbers as task_numbers
from core.task import pauses as task_pauses
from core.task import reassignment as task_reassignment
from core.task import remarks as task_remarks
from core.task import transfer as task_transfer
from core.turn import several as turn_several

MODULES = (
    directory_answers,
    directory_decisions,
    identity_answers,
    identity_check,
    identity_cleaning,
    identity_credentials,
    identity_tenants,
    instance_answers,
    instance_comments,
    instance_decisions,
    instance_deletion,
    instance_involvement,
    instance_revisions,
    instance_scopes,
    job_answers,
    job_decisions,
    library_answers,
    library_decisions,
    outbox_answers,
    outbox_decisions,
    people_answers,
    people_groups,
    people_redirections,
    people_renames,
    people_users,
    process_answers,
    process_assignments,
    process_decisions,
    process_drafts,
    process_stages,
    registry_answers,
    registry_decisions,
    task_answers,
    task_decisions,
    task_endings,
    task_making,
    task_numbers,
    task_pauses,
    task_reassignment,
    task_remarks,
    task_transfer,
    turn_several,
)
