"""What was said about a case. Source: dossier processmaker.md, section 3.7."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from adapters.processmaker.calls import EMPTY, Call, Endpoints
from adapters.processmaker.case import Case, find_case
from adapters.processmaker.errors import Business
from adapters.processmaker.rights import PM_CASES
from core.instance.commands import AddComment
from core.instance.queries import CommentsOf
from core.people.queries import UserNumbers
from core.tables.instance import Comment
from schemas.processmaker.parameters import Parameter, by_uid, integer, integers, texts
from schemas.processmaker.wire import fold, is_date, local_time, midnight

endpoints = Endpoints()

MAX_NOTE = 500
#: as many are on a page if nobody says how many
NOTES = 25
#: of what may be any id up to 32 bytes
_CASE = by_uid("app_uid", exact=False)
#: what lists of notes take
LISTED = (_CASE, *integers("start limit"), *texts("sort dir usr_uid date_from date_to search"))
_PATHS = ("/cases/{app_uid}/notes", "/cases/{app_uid}/notes/paged", "/case/{app_uid}/notes")


async def noted(call: Call) -> Case:
    """The case, if the caller may read what was said about it. Raises Business."""
    case = await find_case(call)
    if call.principal.user_key and not case.concerns(call.principal):
        raise Business("You do not have permission to access the cases notes")
    return case


def _day(call: Call, name: str) -> str | None:
    text = str(call.values.get(name) or "")
    if not text:
        return None
    if not is_date(text):
        raise Business(f"The value '{text}' is not a valid date for the format 'Y-m-d'.")
    return text


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which notes of a case, and how many. `told` is what the answer repeats: it is there as the caller wrote it."""

    told: Mapping[str, str]
    first: str | None
    last: str | None
    start: int
    limit: int | None
    direction: str

    def keeps(self, note: Comment, author_uid: str) -> bool:
        return (
            self.told["usr_uid"].lower() in ("", author_uid)
            and (self.first is None or note.created_at >= midnight(self.first))
            and (self.last is None or note.created_at < midnight(self.last, 1))
            and fold(self.told["search"]) in fold(note.text)
        )

    def window(self, notes: list[Comment]) -> list[Comment]:
        """The limit counts only behind the first row: the vendor's own way (dossier 3.7)."""
        return notes[self.start : self.start + (self.limit or NOTES)] if self.start > 1 else notes

    def envelope(self, total: int, rows: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "total": total,
            "start": self.start,
            "limit": self.limit if self.limit is not None else NOTES,
            "sort": "APP_NOTES.NOTE_DATE",
            "dir": self.direction,
            **self.told,
            "data": rows,
        }


def _wanted(call: Call) -> _Wanted:
    """Raises Business."""
    return _Wanted(
        start=integer(call.values, "start") or 0,
        limit=integer(call.values, "limit"),
        first=_day(call, "date_from"),
        last=_day(call, "date_to"),
        direction=str(call.values.get("dir") or "DESC").upper(),
        told={name: str(call.values.get(name) or "") for name in ("usr_uid", "date_to", "date_from", "search")},
    )


@endpoints("listNotes", "GET", *_PATHS, "/case/{app_uid}/notes/paged", takes=LISTED)
async def list_notes(call: Call) -> Any:
    """Newest first, if the caller does not say otherwise."""
    selection = _wanted(call)
    case = await noted(call)
    notes = await call.ask(CommentsOf(case.instance.key))
    authors = await call.ask(UserNumbers(tuple({n.author_key for n in notes})))
    uids = {key: user.uid for key, user in authors.items()}
    kept_notes = [note for note in notes if selection.keeps(note, uids.get(note.author_key, ""))]
    if selection.direction != "ASC":
        kept_notes.reverse()
    rows = [
        {
            "app_uid": case.instance.uid,
            "usr_uid": uids.get(note.author_key, ""),
            "note_date": local_time(note.created_at),
            "note_content": note.text,
        }
        for note in selection.window(kept_notes)
    ]
    return selection.envelope(len(kept_notes), rows) if call.paged else rows


_NOTE = (
    _CASE,
    Parameter("note_content", required=True, shortest=1, longest=MAX_NOTE),
    Parameter("send_mail", "int", choice=("1", "0")),
)


@endpoints("addNote", "POST", "/cases/{app_uid}/note", "/case/{app_uid}/note", needs=[PM_CASES], takes=_NOTE)
async def add_note(call: Call) -> Any:
    call.person()
    case = await noted(call)
    await call.do(AddComment(case.instance.key, str(call.values["note_content"])))
    return EMPTY
