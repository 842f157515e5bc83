"""Reading incidents."""

from sqlalchemy import BigInteger, Integer, Text, bindparam, distinct, func, literal, select

from core.incident.fields import INCIDENT
from core.incident.queries import Counted, IncidentByKey, IncidentsByMessage, IncidentView, SearchIncidents
from core.search.query import Page
from core.search.reader import Reader, answers
from core.search.search import search
from core.storage.cache import cached
from core.storage.record import load
from core.storage.statements import Statement
from core.tables.incident import Incident
from core.tables.joined import incidents
from core.turn.known import load_definitions
from core.types import IncidentState


@answers(IncidentByKey)
def incident_by_key(query: IncidentByKey, r: Reader) -> IncidentView:
    incident = r.one(Incident, "key", query.key, "incident")
    return IncidentView(incident, r.known(incident.definition_key))


@answers(SearchIncidents)
def search_incidents(query: SearchIncidents, r: Reader) -> Page[IncidentView]:
    page = search(r, INCIDENT, query)
    rows = [load(Incident, row) for row in page.rows]
    load_definitions(r.connection, r.definitions, {row.definition_key for row in rows})
    views = tuple(IncidentView(row, r.definitions[row.definition_key]) for row in rows)
    return Page(views, page.total, page.capped, page.start, page.end)


@cached(maxsize=2)
def _by_message(one: bool) -> Statement:
    """Of `one` message by version."""
    by = incidents.c.definition_key if one else incidents.c.message
    still = (
        incidents.c.tenant_key == bindparam("tenant", type_=BigInteger),
        incidents.c.state == literal(IncidentState.ACTIVE.value, Text),
    )
    statement = select(by, func.count(distinct(incidents.c.instance_key), type_=Integer)).where(*still).group_by(by)
    return Statement(statement.where(incidents.c.message == bindparam("message", type_=Text)) if one else statement)


@answers(IncidentsByMessage)
def incidents_by_message(query: IncidentsByMessage, r: Reader) -> tuple[Counted, ...]:
    params = {"tenant": r.principal.tenant_key, "message": query.message}
    if query.message is None:
        del params["message"]
        return tuple(Counted(text, 0, count) for text, count in r.connection.fetch(_by_message(False), params))
    rows = r.connection.fetch(_by_message(True), params)
    load_definitions(r.connection, r.definitions, {key for key, _ in rows})
    return tuple(Counted(query.message, key, count) for key, count in rows)
