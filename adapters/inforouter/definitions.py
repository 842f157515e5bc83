"""Workflow definitions: showing, creating, activating, deleting. Source: dossier inforouter.md, section 3.6."""

import re
from dataclasses import dataclass

from adapters.common.rights import ADMINISTRATOR, MANAGER, SIGNED_IN
from adapters.inforouter import errors, flows
from adapters.inforouter.auth import Call, required
from adapters.inforouter.declare import B_, DONE, S_, Answer, B, S, Service, T, X, web
from adapters.inforouter.errors import Denied, Failure
from adapters.inforouter.flows import Draft, check_designer, compiled, find_flow, revise
from adapters.inforouter.paths import find_folder
from adapters.inforouter.people import check_manager, find_library, find_user, long_name, manages
from core.people.queries import GroupByName
from core.principal import Principal
from core.process.commands import DraftProcess
from core.process.queries import Drafted, DraftedByNumber, ProcessView
from core.rejections import NotFound
from core.tables.library import Library
from core.types import Action, ProcessStatus
from schemas.common.xml import BadXml
from schemas.inforouter import flow, xmltext
from schemas.inforouter.element import Element

_ID = re.compile(r"[^A-Za-z0-9_.-]+")


def process_id(library: Library, name: str) -> str:
    """A BPMN id of the names, under which other dialects know the process."""
    slug = _ID.sub("_", f"{library.name}.{name}").strip("_.-")
    return slug if slug[:1].isalpha() else f"flow_{slug}"


async def _create(
    call: Call,
    ticket: str | None,
    domain: str | None,
    name: str | None,
    active_folder: str | None,
    end_folder: str | None = None,
    supervisor: str | None = None,
    end_url: str | None = None,
    *,
    hide: bool = False,
) -> Answer:
    who = await call.principal(ticket)
    library = await find_library(call, who, required("DomainName", domain))
    wanted = required("FlowName", name)
    await check_manager(call, who, library)
    if not flow.valid_name(wanted):
        raise Failure("Workflow name is invalid")
    active = await _folder(call, who, library, required("ActiveFolderPath", active_folder))
    end = await _folder(call, who, library, end_folder) if (end_folder or "").strip() else 0
    users = [(await find_user(call, who, supervisor or "")).number] if (supervisor or "").strip() else []
    draft = Draft(active, end, (end_url or "").strip(), hide, users)
    command = DraftProcess(
        process_id(library, wanted), wanted, draft.content, library.key, supervisors=draft.supervisors
    )
    created = await call.execute(command, who)
    view = await call.ask(DraftedByNumber(created.number), who)
    return Answer(await flows.headers(call, who, (view,)))


async def _folder(call: Call, who: Principal, library: Library, path: str | None) -> int:
    """The key of a folder of the library. Raises NotFound, Failure for one of another library."""
    folder, owner = await find_folder(call, who, path)
    if owner.key != library.key:
        raise Failure("The folder belongs to another library", 4041)
    return folder.key


async def _flow(call: Call, who: Principal, domain: str | None, name: str | None) -> ProcessView:
    """Texts of the methods that activate and deactivate."""
    try:
        library = await find_library(call, who, required("domainName", domain))
    except NotFound:
        raise Failure("Domain not found", 4041) from None
    return await find_flow(call, who, library, required("flowName", name))


class Definitions(Service):
    @web(MANAGER, T, S, S)
    async def ActivateFlowDef(
        ctx: Call, AuthenticationTicket: str | None, domainName: str | None, flowName: str | None
    ) -> Answer:
        """Lets documents be submitted to a workflow."""
        who = await ctx.principal(AuthenticationTicket)
        view = await _flow(ctx, who, domainName, flowName)
        await check_designer(ctx, who, view)
        await _activate(ctx, who, view)
        return DONE

    @web(MANAGER, T, S, S)
    async def DeactivateFlowDef(
        ctx: Call, AuthenticationTicket: str | None, domainName: str | None, flowName: str | None
    ) -> Answer:
        """Lets a workflow be changed; what runs goes on."""
        who = await ctx.principal(AuthenticationTicket)
        view = await _flow(ctx, who, domainName, flowName)
        await check_designer(ctx, who, view)

        async def inactive(view: ProcessView, draft: Draft) -> dict[str, object]:
            return {"status": ProcessStatus.INACTIVE}

        if view.process.status != ProcessStatus.INACTIVE:
            await revise(ctx, who, view, inactive)
        return DONE

    @web(MANAGER, T, S, S, S)
    async def CreateFlowDef(
        ctx: Call,
        AuthenticationTicket: str | None,
        DomainName: str | None,
        FlowName: str | None,
        ActiveFolderPath: str | None,
    ) -> Answer:
        """Creates a workflow definition, inactive and without steps."""
        return await _create(ctx, AuthenticationTicket, DomainName, FlowName, ActiveFolderPath)

    @web(MANAGER, T, S, S, S, S_)
    async def CreateFlowDef1(
        ctx: Call,
        AuthenticationTicket: str | None,
        DomainName: str | None,
        FlowName: str | None,
        ActiveFolderPath: str | None,
        OnEndMoveToPath: str | None,
    ) -> Answer:
        """Creates a workflow definition with a folder for documents that are through."""
        return await _create(
            ctx,
            AuthenticationTicket,
            domain=DomainName,
            name=FlowName,
            active_folder=ActiveFolderPath,
            end_folder=OnEndMoveToPath,
        )

    @web(MANAGER, T, S, S, S, S_, S_)
    async def CreateFlowDef2(
        ctx: Call,
        AuthenticationTicket: str | None,
        DomainName: str | None,
        FlowName: str | None,
        ActiveFolderPath: str | None,
        OnEndMoveToPath: str | None,
        Supervisor: str | None,
    ) -> Answer:
        """Creates a workflow definition with a supervisor."""
        return await _create(
            ctx,
            AuthenticationTicket,
            domain=DomainName,
            name=FlowName,
            active_folder=ActiveFolderPath,
            end_folder=OnEndMoveToPath,
            supervisor=Supervisor,
        )

    @web(MANAGER, T, S, S, S, S_, S_, S_, B_)
    async def CreateFlowDef3(
        ctx: Call,
        AuthenticationTicket: str | None,
        DomainName: str | None,
        FlowName: str | None,
        ActiveFolderPath: str | None,
        OnEndMoveToPath: str | None,
        Supervisor: str | None,
        OnEndEventUrl: str | None,
        Hide: bool,
    ) -> Answer:
        """Creates a workflow definition with an address to be told of its end, perhaps hidden."""
        return await _create(
            ctx,
            AuthenticationTicket,
            domain=DomainName,
            name=FlowName,
            active_folder=ActiveFolderPath,
            end_folder=OnEndMoveToPath,
            supervisor=Supervisor,
            end_url=OnEndEventUrl,
            hide=Hide,
        )

    @web(MANAGER, T, S, S)
    async def DeleteWorkflow(
        ctx: Call, AuthenticationTicket: str | None, domainName: str | None, flowName: str | None
    ) -> Answer:
        """Deletes a workflow definition for good; what runs goes on."""
        who = await ctx.principal(AuthenticationTicket)
        library = await find_library(ctx, who, required("domainName", domainName))
        if not await manages(ctx, who, library):
            raise Denied(errors.INSUFFICIENT)
        try:
            view = await find_flow(ctx, who, library, required("flowName", flowName))
        except NotFound:
            raise Failure("Flow definition cannot be found in this domain", 4041) from None

        async def deleted(view: ProcessView, draft: Draft) -> dict[str, object]:
            return {"status": ProcessStatus.DELETED}

        await revise(ctx, who, view, deleted)
        return DONE

    @web(SIGNED_IN, T, S, root="response")
    async def GetDomainFlows(ctx: Call, AuthenticationTicket: str | None, DomainName: str | None) -> Answer:
        """All workflow definitions of a library."""
        who = await ctx.principal(AuthenticationTicket)
        library = await find_library(ctx, who, required("DomainName", DomainName))
        elements = await flows.headers(ctx, who, await ctx.ask(Drafted(library.key), who))
        return Answer((Element("FlowDefs", children=elements),))

    @web(SIGNED_IN, T, S, S)
    async def GetFlowDef(
        ctx: Call, AuthenticationTicket: str | None, DomainName: str | None, WorkflowName: str | None
    ) -> Answer:
        """A workflow definition with its steps and task definitions."""
        who = await ctx.principal(AuthenticationTicket)
        library = await find_library(ctx, who, required("DomainName", DomainName))
        view = await find_flow(ctx, who, library, required("WorkflowName", WorkflowName))
        return Answer((await flows.whole(ctx, who, view),))

    @web(SIGNED_IN, T, S, B)
    async def GetFolderFlows(
        ctx: Call, AuthenticationTicket: str | None, FolderPath: str | None, IncludeInheritedFlows: bool
    ) -> Answer:
        """The workflow definitions whose active folder this is or, inherited, one above it."""
        who = await ctx.principal(AuthenticationTicket)
        folder, library = await find_folder(ctx, who, required("FolderPath", FolderPath))
        above = {folder.key}
        if IncludeInheritedFlows:
            parts = folder.path.split("/") if folder.path else []
            for depth in range(len(parts)):
                above.add((await find_folder(ctx, who, "/".join((library.name, *parts[:depth]))))[0].key)
        views = [v for v in await ctx.ask(Drafted(library.key), who) if Draft.of(v).active_folder in above]
        return Answer((Element("FlowDefs", children=await flows.headers(ctx, who, views)),))

    @web(ADMINISTRATOR, T, S_, B)
    async def GetWorkflowDefinitions(
        ctx: Call, AuthenticationTicket: str | None, domainName: str | None, activeWorkflowOnly: bool
    ) -> Answer:
        """The workflow definitions of a library or of all."""
        who = await ctx.principal(AuthenticationTicket)
        if not who.is_administrator:
            raise Denied(errors.ANONYMOUS_2730)
        library = await find_library(ctx, who, domainName) if (domainName or "").strip() else None
        views = await ctx.ask(Drafted(library.key if library is not None else 0), who)
        chosen = [v for v in views if not activeWorkflowOnly or v.process.status == ProcessStatus.ACTIVE]
        return Answer((Element("FlowDefs", children=await flows.headers(ctx, who, chosen)),))

    @web(MANAGER, T, S, S, X, root="response")
    async def UpdateWorkflowDefinition(
        ctx: Call,
        AuthenticationTicket: str | None,
        domainName: str | None,
        workflowName: str | None,
        xmlParameters: str | None,
    ) -> Answer:
        """Changes name, folders, supervisors and state of a workflow definition."""
        who = await ctx.principal(AuthenticationTicket)
        library = await find_library(ctx, who, required("domainName", domainName))
        view = await find_flow(ctx, who, library, required("workflowName", workflowName))
        if not await ctx.may(who, Action.DIRECT_PROCESS, view.process):
            raise Denied
        try:
            node = xmltext.read(required("xmlParameters", xmlParameters))
        except BadXml as error:
            raise Failure(f"Invalid XML:{error}") from None
        await _update(ctx, who, view, await _read_update(ctx, who, library, node))
        return DONE


async def _activate(call: Call, who: Principal, view: ProcessView) -> None:
    if view.process.status == ProcessStatus.ACTIVE:
        return

    async def active(view: ProcessView, draft: Draft) -> dict[str, object]:
        draft.check()
        return {"status": ProcessStatus.ACTIVE, "graph": await compiled(call, who, view, draft)}

    await revise(call, who, view, active)


@dataclass(frozen=True, slots=True)
class Update:
    """What a document says of a definition: the supervisors always, of the rest what is None (or an empty name, or no
    active folder) stays as it is. Folders are keys."""

    name: str
    active_folder: int
    end_folder: int | None
    users: list[int]
    groups: list[int]
    end_url: str | None
    hide: bool | None
    active: bool | None

    def put_into(self, draft: Draft) -> None:
        draft.active_folder = self.active_folder or draft.active_folder
        if self.end_folder is not None:
            draft.end_folder = self.end_folder
        if self.end_url is not None:
            draft.end_url = self.end_url
        if self.hide is not None:
            draft.hide = self.hide
        draft.users, draft.groups = self.users, self.groups


async def _read_update(call: Call, who: Principal, library: Library, node: xmltext.Node) -> Update:
    """Everything that it names is there. Raises Failure and NotFound."""
    name = (node.value("NewFlowName") or "").strip()
    if name and not flow.valid_name(name):
        raise Failure("Workflow name is invalid")
    active_path, end_path = node.value("ActiveFolderPath"), node.value("OnEndMoveToPath")
    active_folder = await _folder(call, who, library, active_path) if (active_path or "").strip() else 0
    end_folder = await _folder(call, who, library, end_path) if (end_path or "").strip() else 0
    users = [(await find_user(call, who, text)).number for text in _texts(node, "SupervisorUserNames")]
    groups = [await _group_number(call, who, library, text) for text in _texts(node, "SupervisorUsergroupNames")]
    end_url, hide, active = node.value("OnEndEventUrl"), node.value("Hide"), node.value("Active")
    return Update(
        name=name,
        active_folder=active_folder,
        end_folder=None if end_path is None else end_folder,
        users=users,
        groups=groups,
        end_url=None if end_url is None else end_url.strip(),
        hide=None if hide is None else flow.truth(hide),
        active=None if active is None else flow.truth(active),
    )


async def _update(call: Call, who: Principal, view: ProcessView, update: Update) -> None:
    async def updated(view: ProcessView, draft: Draft) -> dict[str, object]:
        update.put_into(draft)
        new = {"content": draft.content, "name": update.name or None, "supervisors": draft.supervisors}
        was_active = view.process.status == ProcessStatus.ACTIVE
        if not (was_active if update.active is None else update.active):
            return {**new, "status": ProcessStatus.INACTIVE}
        draft.check()
        graph = await compiled(call, who, view, draft, name=update.name)
        return {**new, "status": ProcessStatus.ACTIVE, "graph": graph}

    await revise(call, who, view, updated)


def _texts(node: xmltext.Node, name: str) -> list[str]:
    holder = node.child(name)
    if holder is None:
        return []
    rows = [row.text.strip() for row in holder.children] or [holder.text.strip()]
    return [text for text in rows if text]


async def _group_number(call: Call, who: Principal, library: Library, text: str) -> int:
    """`Domain/Group`, or `Group`: a global one, else one of the library."""
    for name in (text.replace("\\", "/"), long_name(library, text)):
        try:
            return (await call.ask(GroupByName(name), who)).number
        except NotFound:
            continue
    raise NotFound("group", text)
