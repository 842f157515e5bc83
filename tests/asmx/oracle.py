"""A service with the methods that the captured wire cases call, served through the project's own transport.

`python -m tests.asmx.oracle PORT` serves it; the captures come from the same methods on a real ASMX host.
"""

import sys
from typing import Any

from schemas.common import spyne_compat as spyne_compat

from spyne import AnyXml, Array, Boolean, ByteArray, DateTime, Integer32, ServiceBase, Unicode, rpc  # isort: skip

from lxml import etree
from starlette.requests import Request
from starlette.types import ASGIApp

from adapters.common.http import Front
from adapters.inforouter.transport import Transport, fail
from schemas.inforouter.element import Element
from schemas.inforouter.methods import Method, methods_of
from schemas.inforouter.moments import Moment
from schemas.inforouter.soap import Fault

Text = Unicode(min_occurs=1)
Number = Integer32(min_occurs=1)
Truth = Boolean(min_occurs=1)
Date = DateTime(min_occurs=1)


class InvalidOperationException(Exception):
    pass


def _root(**attributes: Any) -> Element:
    texts = ((name, "(null)" if value is None else str(value)) for name, value in attributes.items())
    return Element("root", (("success", "true"), *texts))


def _round_trip(moment: Moment) -> str:
    """.NET's format O."""
    ends = {"": "", "Z": "Z", "local": "+00:00"}
    return f"{moment.value:%Y-%m-%dT%H:%M:%S}.{moment.value.microsecond:06d}0{ends[moment.zone]}"


class Oracle(ServiceBase):
    @rpc(Text, Text, _returns=AnyXml)
    async def AuthenticateUser(ctx, UID, PWD):
        if UID == "admin" and PWD == "secret":
            return _root(ticket="t")
        return Element("root", (("success", "false"), ("error", "[900]Authentication failed")))

    @rpc(Text, Text, Text, _returns=AnyXml)
    async def TransferUserTasks(ctx, AuthenticationTicket, FromUserName, ToUserName):
        return _root(t=AuthenticationTicket, f=FromUserName, o=ToUserName)

    @rpc(Text, Number, Truth, Date, _returns=AnyXml)
    async def EchoTyped(ctx, AuthenticationTicket, DocumentID, Recursive, DueDate):
        return _root(id=DocumentID, recursive="true" if Recursive else "false", due=_round_trip(DueDate))

    @rpc(Text, ByteArray(min_occurs=1), _returns=AnyXml)
    async def UploadBytes(ctx, AuthenticationTicket, Content):
        return _root(len=len(Content))

    @rpc(Array(Unicode, min_occurs=1), _returns=AnyXml)
    async def TakeNames(ctx, Names):
        return _root(n="|".join(Names))

    @rpc(Text, AnyXml(min_occurs=1), _returns=AnyXml)
    async def TakeXml(ctx, AuthenticationTicket, Doc):
        # the outer XML of an element in no namespace inside of one that has a default namespace
        attributes = "".join(f' {name}="{value}"' for name, value in Doc.attrib.items())
        return _root(x=f'<{etree.QName(Doc).localname} xmlns=""{attributes}>{Doc.text}</{etree.QName(Doc).localname}>')

    @rpc(Text, _returns=Unicode)
    async def EchoString(ctx, Value):
        return Value

    @rpc(Number, Number, _returns=Integer32)
    async def AddInts(ctx, A, B):
        return A + B

    @rpc(Text)
    async def DoNothing(ctx, Value):
        return None

    @rpc(Text, _returns=AnyXml)
    async def ThrowPlain(ctx, Message):
        raise InvalidOperationException(Message or "")

    @rpc(Text, _returns=AnyXml)
    async def ThrowSoap(ctx, Message):
        raise Fault("Client", Message, actor="urn:actor", content="<detail><info>extra</info></detail>")

    @rpc(Text, _returns=AnyXml)
    async def GetDocumentNode(ctx, AuthenticationTicket):
        return Element(
            "root", (("success", "true"),), (Element("item", (("name", "x"),), text="text"), Element("empty"))
        )

    @rpc(Text, _returns=AnyXml)
    async def GetElement(ctx, AuthenticationTicket):
        return _root()

    @rpc(_returns=AnyXml)
    async def GetDeclaredDocument(ctx):
        return _root()

    @rpc(_returns=AnyXml)
    async def GetNullNode(ctx):
        return None


METHODS = methods_of(Oracle)


async def _invoke(request: Request, method: Method, arguments: list[Any]) -> Any:
    return await method.call(None, *arguments)


def app(*, strict: bool = True) -> ASGIApp:
    return Front(Transport(METHODS, _invoke, strict=strict), fail)


if __name__ == "__main__":
    import uvicorn

    uvicorn.run(app(), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", server_header=False)
