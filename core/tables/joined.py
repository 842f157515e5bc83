"""The tables as statements speak of them."""

from core.storage.statements import table_of
from core.tables.decision import Decision, DecisionInstance, Requirements
from core.tables.directory import Associate, Entry, Grant
from core.tables.event import Event
from core.tables.incident import Incident
from core.tables.instance import Comment, ElementInstance, Instance, Involvement, Variable
from core.tables.library import Document, Folder, Library, LibraryMember
from core.tables.outbox import Delivery, Subscription
from core.tables.people import Group, Membership, User
from core.tables.process import Activity, Definition, Process
from core.tables.registry import Reference
from core.tables.task import Candidate, Holding, Task

tasks = table_of(Task)
holdings = table_of(Holding)
instances = table_of(Instance)
processes = table_of(Process)
candidates = table_of(Candidate)
documents = table_of(Document)
libraries = table_of(Library)
folders = table_of(Folder)
variables = table_of(Variable)
definitions = table_of(Definition)
elements = table_of(ElementInstance)
members = table_of(LibraryMember)
users = table_of(User)
groups = table_of(Group)
memberships = table_of(Membership)
entries = table_of(Entry)
associates = table_of(Associate)
grants = table_of(Grant)
references = table_of(Reference)
subscriptions = table_of(Subscription)
deliveries = table_of(Delivery)
activities = table_of(Activity)
comments = table_of(Comment)
involvements = table_of(Involvement)
events = table_of(Event)
decisions = table_of(Decision)
requirements = table_of(Requirements)
decision_instances = table_of(DecisionInstance)
incidents = table_of(Incident)
