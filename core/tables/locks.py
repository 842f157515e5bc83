"""Why no process overwrites what another one has just acknowledged: how the rows of each table are kept from that.

Several processes may decide turns on one PostgreSQL database at the same time, read committed. A row that a decision
changes or removes has to be the newest one, and stay so until the commit. A row that is only looked at need not: then
the decision is one that was made a moment earlier. Lists ("all tasks of this instance") are complete if whoever adds to
them locks the row to which they belong.
"""

from collections.abc import Mapping
from typing import Any

from core.tables.decision import Decision, DecisionInstance, Requirements
from core.tables.directory import Associate, Entry, Grant
from core.tables.event import Event
from core.tables.file import File, FileContent
from core.tables.identity import Credential, OAuthClient, Setting, Tenant
from core.tables.incident import Incident
from core.tables.instance import Comment, ElementInstance, Instance, Involvement, Variable
from core.tables.job import Job, Timer
from core.tables.library import Document, Folder, Library, LibraryMember
from core.tables.message import Correlation, EventSubscription, Message, MessageStart
from core.tables.outbox import Delivery, Subscription
from core.tables.people import Group, Membership, Redirection, User
from core.tables.process import Activity, Assignment, Definition, Draft, Process, Resource, Starter
from core.tables.registry import Reference
from core.tables.task import Attachment, Candidate, Holding, Task

#: Rows are locked when they are loaded in order to be changed (`Load`, not `Read`), in each round of a plan in this
#: order, and by key within a table. Where two turns still wait for each other, one of them is run again.
LOCKED: Mapping[type[Any], int] = {
    cls: place
    for place, cls in enumerate(
        (
            Tenant,  # guards what is unique without an index: names of groups, of processes in a library; grants
            Setting,
            Library,  # guards its folders and its members
            Process,  # guards the versions that follow each other
            Definition,
            Resource,
            Requirements,  # guards its decisions
            Draft,
            Activity,
            Assignment,
            Group,  # guards its members
            User,  # guards what goes with a user: memberships, credentials, redirections
            Redirection,
            Credential,  # a token that is spent is gone for whoever comes second
            Entry,
            Associate,
            Grant,
            Reference,
            Instance,  # guards everything that moves in it
            Task,  # guards its candidates and what is put to it
            Document,
            Comment,
            Timer,
            Job,
            MessageStart,
            Message,
            EventSubscription,
            Incident,
            Subscription,
            Delivery,
        )
    )
}

#: Rows that are changed or removed only by whoever holds one of these, which was locked before they were read.
GUARDED: Mapping[type[Any], tuple[type[Any], ...]] = {
    ElementInstance: (Instance,),
    Variable: (Instance,),
    Holding: (Instance,),
    Candidate: (Task,),
    Attachment: (Task,),
    Involvement: (Instance, Comment),
    Membership: (User, Group),
    Decision: (Requirements,),
    LibraryMember: (Library, User, Group),
    File: (Instance, User),
    FileContent: (Instance, User),
}

#: Of those, rows that are removed unread: they have the key of one of these rows, which was read.
UNREAD: Mapping[type[Any], type[Any]] = {FileContent: File}

#: Rows that are added and never changed or removed. A second one of the same name is refused by an index.
ADDED: frozenset[type[Any]] = frozenset({Correlation, DecisionInstance, Event, Folder, OAuthClient, Starter})

#: Where it matters that there is no row, too: whoever loads rows by this column locks the value itself, so that of two
#: who look whether somebody is there, and then wait to be found, one comes second.
BY_VALUE: Mapping[type[Any], str] = {Message: "address"}

#: Tables of which the engine keeps no rows: each change is one statement that says what it does to whatever is there.
STATEMENTS = frozenset({"counter"})
#: Tables that nothing writes.
UNUSED = frozenset({"external_id"})
