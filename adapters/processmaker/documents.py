"""Documents of a case: files that were put to it; and those made from templates, of which the engine has none.

Source: the vendor's published pages and its source, whose facts were read.
"""

from typing import Any

from adapters.common.downloads import attachment, media_type_of
from adapters.common.http import BodyTooLarge, Raw
from adapters.processmaker.calls import EMPTY, Call, Endpoints
from adapters.processmaker.case import NAMESPACE, Case, find_case, load_case
from adapters.processmaker.case_reads import check_running
from adapters.processmaker.errors import Business
from adapters.processmaker.imports import STEPS
from adapters.processmaker.projects import activities_of
from adapters.processmaker.rights import PM_CASES
from core.file.commands import AddFile, RemoveFile
from core.file.queries import ContentOf, FilesOf
from core.people.queries import UserNumbers
from core.principal import Principal
from core.rejections import NotFound, WrongState
from core.tables.file import File
from core.tables.people import User
from core.types import UserStatus
from schemas.processmaker.parameters import Parameter, by_uid, integer, integers, whole
from schemas.processmaker.wire import local_time

endpoints = Endpoints()

#: how the path of what is uploaded ends, decoded
UPLOAD = "/input-document"
#: what a form holds besides the file, at most
BESIDES = 64 * 1024
MAX_FILE = 10 * 1024 * 1024
#: characters of a file's name
_LONGEST_NAME = 255
_NO_FILE = "This filename does not exist!"

_CASE, _DOCUMENT = by_uid("app_uid"), by_uid("app_doc_uid")
_INDEX = Parameter("del_index", "int", required=True, least=1)


def no_document(uid: str) -> Business:
    return Business(f"This input document with app_doc_uid: {uid} does not exist!")


def no_output(uid: str) -> Business:
    return Business(f"This output document with app_doc_id: {uid} does not exist!")


async def _seen(call: Call) -> Case:
    """The case, if it concerns the caller. Raises Refused, for an unknown one too."""
    case = await load_case(call, call.path_uid("app_uid"))
    call.refuse_unless(case is not None and (not call.principal.user_key or case.concerns(call.principal)))
    assert case is not None
    return case


async def _document(call: Call, case: Case) -> File:
    """The one in the path. Raises Business."""
    uid = call.path_uid("app_doc_uid")
    for file in await call.ask(FilesOf(case.instance.key)):
        if file.uid == uid:
            return file
    raise no_document(call.params["app_doc_uid"])


async def _rows(call: Call, *files: File) -> list[dict[str, Any]]:
    authors = await call.ask(UserNumbers(tuple({file.author_key for file in files})))
    return [_row(file, authors.get(file.author_key)) for file in files]


def _row(file: File, author: User | None) -> dict[str, Any]:
    """Whoever is not there any more has no name."""
    name = "***"
    if author is not None and author.status != UserStatus.CLOSED:
        name = f"{author.last_name}, {author.first_name} ({author.username})"
    return {
        "app_doc_uid": file.uid,
        "app_doc_filename": file.name,
        "doc_uid": file.ext.get(NAMESPACE, {}).get("doc_uid", ""),
        "app_doc_version": "1",
        "app_doc_create_date": local_time(file.created_at),
        "app_doc_create_user": name,
        "app_doc_type": "INPUT",
        "app_doc_index": str(file.number),
        "app_doc_link": f"cases/cases_ShowDocument?a={file.uid}&v=1",
    }


def _supervises(case: Case, principal: Principal) -> bool:
    return any(d.task.supervisor == principal.username for d in case.delegations)


@endpoints("listInputDocuments", "GET", "/cases/{app_uid}/input-documents", takes=[_CASE])
async def list_input_documents(call: Call) -> Any:
    case = await _seen(call)
    return await _rows(call, *await call.ask(FilesOf(case.instance.key)))


@endpoints("getInputDocument", "GET", "/cases/{app_uid}/input-document/{app_doc_uid}", takes=[_CASE, _DOCUMENT])
async def get_input_document(call: Call) -> Any:
    case = await _seen(call)
    (row,) = await _rows(call, await _document(call, case))
    return row


@endpoints(
    "downloadInputDocument",
    "GET",
    "/cases/{app_uid}/input-document/{app_doc_uid}/file",
    takes=[_CASE, _DOCUMENT, *integers("v")],
    success=206,
)
async def download_input_document(call: Call) -> Any:
    """Partial content, though it is all of it: the vendor's own way. There is one version of each, the first."""
    case = await _seen(call)
    file = await _document(call, case)
    if (integer(call.values, "v") or 1) != 1:
        raise no_document(call.params["app_doc_uid"])
    try:
        content = await call.ask(ContentOf(file.key))
    except NotFound:  # removed meanwhile
        raise no_document(call.params["app_doc_uid"]) from None
    return Raw(206, content, {**_DOWNLOAD, "content-type": media_type_of(file.name), **attachment(file.name)})


_DOWNLOAD = {
    "pragma": "public",
    "expires": "-1",
    "cache-control": "private, must-revalidate",
    "content-transfer-encoding": "binary",
    "content-description": "File Transfer",
    "x-content-type-options": "nosniff",
}


@endpoints(
    "addInputDocument",
    "POST",
    "/cases/{app_uid}/input-document",
    needs=[PM_CASES],
    takes=[_CASE, by_uid("tas_uid"), Parameter("app_doc_comment", required=True), by_uid("inp_doc_uid")],
)
async def add_input_document(call: Call) -> Any:
    """The file is in the field `form`. Whoever has a task of the case may put it there, and its supervisor."""
    who = call.person()
    case = await find_case(call)
    if case.of(who.username) is None and not _supervises(case, who):
        raise Business("The user does not belong to case or user not is supervisor")
    check_running(case.status, call.params["app_uid"])
    await _check_defined(call, case, call.uid("inp_doc_uid"))
    upload = call.files.get("form")
    name = _file_name(upload.name) if upload is not None else ""
    if upload is None or not 0 < len(name) <= _LONGEST_NAME:
        raise Business(_NO_FILE)
    if len(upload.content) > int(call.mount.options["max_file"]):
        raise BodyTooLarge
    kept = {"doc_uid": call.uid("inp_doc_uid"), "comment": str(call.values["app_doc_comment"])}
    try:
        added = await call.do(AddFile(case.instance.key, name, upload.content, {NAMESPACE: kept}))
    except WrongState as error:
        check_running("COMPLETED" if error.state == "COMPLETED" else "CANCELLED", call.params["app_uid"])
        raise
    files = await call.ask(FilesOf(case.instance.key))
    (row,) = await _rows(call, *(file for file in files if file.key == added.key))
    return row


def _file_name(sent: str) -> str:
    """Without folders, as PHP takes it, and without what no name of a file holds."""
    return "".join(c for c in sent.replace("\\", "/").rpartition("/")[2] if c.isprintable()).strip()


async def _check_defined(call: Call, case: Case, uid: str) -> None:
    """A project that names its documents takes no others. Raises Business."""
    steps = [step for a in await activities_of(call, case.process) for step in a.ext.get(STEPS, {}).get("steps", ())]
    defined = {step["step_uid_obj"] for step in steps if step["step_type_obj"] == "INPUT_DOCUMENT"}
    if defined and uid not in defined:
        raise Business(f"The Input Document with UID={uid}: PRO_UID={case.process.uid} does not exist.")


@endpoints(
    "removeInputDocument",
    "DELETE",
    "/cases/{app_uid}/{del_index}/input-document/{app_doc_uid}",
    needs=[PM_CASES],
    takes=[_CASE, _INDEX, _DOCUMENT],
)
async def remove_input_document(call: Call) -> Any:
    """Whoever put it there may, as long as they have the task, and the supervisor."""
    who = call.person()
    case = await find_case(call)
    delegation = case.at(whole(call.params["del_index"]))
    has_it = delegation is not None and delegation.is_open and delegation.user == who.username
    refusal = Business(f'The user with "{who.uid}" not have permission to delete the input document.')
    if not has_it and not _supervises(case, who):
        raise refusal
    file = await _document(call, case)
    if file.author_key != who.user_key and not _supervises(case, who):
        raise refusal
    try:
        await call.do(RemoveFile(case.instance.key, file.key))
    except NotFound:
        raise no_document(call.params["app_doc_uid"]) from None
    return EMPTY


# documents that are made from templates


@endpoints("listOutputDocuments", "GET", "/cases/{app_uid}/output-documents", takes=[_CASE])
async def list_output_documents(call: Call) -> Any:
    await _seen(call)
    return []


@endpoints("getOutputDocument", "GET", "/cases/{app_uid}/output-document/{app_doc_uid}", takes=[_CASE, _DOCUMENT])
async def get_output_document(call: Call) -> Any:
    """Of one that there is not: nothing."""
    await _seen(call)
    return []


@endpoints(
    "downloadOutputDocument",
    "GET",
    "/cases/{app_uid}/output-document/{app_doc_uid}/file",
    takes=[_CASE, _DOCUMENT],
)
async def download_output_document(call: Call) -> Any:
    await _seen(call)
    raise no_output(call.params["app_doc_uid"])


@endpoints(
    "removeOutputDocument",
    "DELETE",
    "/cases/{app_uid}/output-document/{app_doc_uid}",
    needs=[PM_CASES],
    takes=[_CASE, _DOCUMENT],
)
async def remove_output_document(call: Call) -> Any:
    await _seen(call)
    raise no_output(call.params["app_doc_uid"])


@endpoints(
    "generateOutputDocument",
    "POST",
    "/cases/{app_uid}/{del_index}/output-document/{out_doc_uid}",
    needs=[PM_CASES],
    takes=[_CASE, _INDEX, by_uid("out_doc_uid")],
)
async def generate_output_document(call: Call) -> Any:
    who = call.person()
    case = await find_case(call)
    delegation = case.at(whole(call.params["del_index"]))
    if delegation is None or not delegation.is_open or delegation.user != who.username:
        raise Business(f'The user with "{who.uid}" not have permissions to perform this action.')
    raise no_output(call.params["out_doc_uid"])
