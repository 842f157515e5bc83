"""The record classes of the tables that the engine works on: the table classes to a type checker, slots at run time."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.model import Activity as Activity
    from core.model import Assignment as Assignment
    from core.model import Candidate as Candidate
    from core.model import Credential as Credential
    from core.model import Definition as Definition
    from core.model import ElementInstance as ElementInstance
    from core.model import Event as Event
    from core.model import Group as Group
    from core.model import Instance as Instance
    from core.model import Membership as Membership
    from core.model import OAuthClient as OAuthClient
    from core.model import Process as Process
    from core.model import Reference as Reference
    from core.model import Setting as Setting
    from core.model import Starter as Starter
    from core.model import Task as Task
    from core.model import Tenant as Tenant
    from core.model import User as User
    from core.model import Variable as Variable
else:
    from core import model
    from core.storage.record import record

    Tenant = record(model.Tenant)
    User = record(model.User)
    Group = record(model.Group)
    Membership = record(model.Membership)
    Process = record(model.Process)
    Definition = record(model.Definition)
    Activity = record(model.Activity)
    Assignment = record(model.Assignment)
    Starter = record(model.Starter)
    Instance = record(model.Instance)
    ElementInstance = record(model.ElementInstance)
    Task = record(model.Task)
    Candidate = record(model.Candidate)
    Variable = record(model.Variable)
    Event = record(model.Event)
    Credential = record(model.Credential)
    OAuthClient = record(model.OAuthClient)
    Reference = record(model.Reference)
    Setting = record(model.Setting)
