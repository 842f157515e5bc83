"""All that decides commands and answers queries: importing a module registers what is in it."""

from core.engine import (
    assignments,
    comments,
    credentials,
    directory,
    directory_reads,
    drafts,
    endings,
    execution_reads,
    holding_reads,
    instances,
    jobs,
    pauses,
    process_reads,
    processes,
    reassignment,
    references,
    relation_reads,
    relations,
    revisions,
    scopes,
    tasks,
    tenants,
    transfer,
)
from core.library import answers as library_reads
from core.library import decisions as libraries
from core.outbox import decisions as outbox
from core.people import groups, redirections, renames, users

MODULES = (
    *(assignments, comments, credentials, directory, directory_reads, drafts, endings, execution_reads, groups),
    *(holding_reads, instances, jobs, libraries, library_reads, outbox, pauses, process_reads, processes),
    *(reassignment, redirections, references, relation_reads, relations, renames, revisions, scopes, tasks),
    *(tenants, transfer, users),
)
