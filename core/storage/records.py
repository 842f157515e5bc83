"""The record classes of the tables that the engine works on: the table classes to a type checker, slots at run time."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.model import Candidate as Candidate
    from core.model import Credential as Credential
    from core.model import ElementInstance as ElementInstance
    from core.model import Event as Event
    from core.model import Group as Group
    from core.model import Instance as Instance
    from core.model import Membership as Membership
    from core.model import OAuthClient as OAuthClient
    from core.model import Reference as Reference
    from core.model import Setting as Setting
    from core.model import Task as Task
    from core.model import Tenant as Tenant
    from core.model import User as User
    from core.model import Variable as Variable
    from core.model_holding import Holding as Holding
    from core.model_identity import Associate as Associate
    from core.model_identity import Entry as Entry
    from core.model_identity import Grant as Grant
    from core.model_library import Attachment as Attachment
    from core.model_library import Comment as Comment
    from core.model_library import Document as Document
    from core.model_library import Folder as Folder
    from core.model_library import Library as Library
    from core.model_library import LibraryMember as LibraryMember
    from core.model_library import Redirection as Redirection
    from core.model_process import Activity as Activity
    from core.model_process import Assignment as Assignment
    from core.model_process import Definition as Definition
    from core.model_process import Draft as Draft
    from core.model_process import Process as Process
    from core.model_process import Resource as Resource
    from core.model_process import Starter as Starter
    from core.model_relations import Delivery as Delivery
    from core.model_relations import Involvement as Involvement
    from core.model_relations import Subscription as Subscription
    from core.model_waiting import Job as Job
    from core.model_waiting import Timer as Timer
else:
    from core import (
        model,
        model_holding,
        model_identity,
        model_library,
        model_process,
        model_relations,
        model_waiting,
    )
    from core.storage.record import record

    Tenant = record(model.Tenant)
    User = record(model.User)
    Group = record(model.Group)
    Membership = record(model.Membership)
    Process = record(model_process.Process)
    Definition = record(model_process.Definition)
    Draft = record(model_process.Draft)
    Activity = record(model_process.Activity)
    Assignment = record(model_process.Assignment)
    Starter = record(model_process.Starter)
    Instance = record(model.Instance)
    ElementInstance = record(model.ElementInstance)
    Task = record(model.Task)
    Candidate = record(model.Candidate)
    Holding = record(model_holding.Holding)
    Variable = record(model.Variable)
    Event = record(model.Event)
    Credential = record(model.Credential)
    OAuthClient = record(model.OAuthClient)
    Reference = record(model.Reference)
    Resource = record(model_process.Resource)
    Setting = record(model.Setting)
    Associate = record(model_identity.Associate)
    Entry = record(model_identity.Entry)
    Grant = record(model_identity.Grant)
    Involvement = record(model_relations.Involvement)
    Subscription = record(model_relations.Subscription)
    Delivery = record(model_relations.Delivery)
    Job = record(model_waiting.Job)
    Timer = record(model_waiting.Timer)
    Attachment = record(model_library.Attachment)
    Comment = record(model_library.Comment)
    Document = record(model_library.Document)
    Folder = record(model_library.Folder)
    Library = record(model_library.Library)
    LibraryMember = record(model_library.LibraryMember)
    Redirection = record(model_library.Redirection)
