"""The WSDL of a service is that of a .NET host, byte for byte: `example.wsdl`."""

import re
from pathlib import Path

from schemas.common import spyne_compat as spyne_compat

from spyne import AnyXml, Array, Boolean, ByteArray, DateTime, Integer32, ServiceBase, Unicode, rpc  # isort: skip

from schemas.inforouter.methods import methods_of
from schemas.inforouter.wsdl import help_page, operation_page, wsdl

Text = Unicode(min_occurs=1)
EXAMPLE = (Path(__file__).parent / "example.wsdl").read_bytes()


class Example(ServiceBase):
    @rpc(Text, Text, _returns=AnyXml)
    async def AuthenticateUser(ctx, UID, PWD): ...

    @rpc(Text, Text, Text, _returns=AnyXml)
    async def TransferUserTasks(ctx, AuthenticationTicket, FromUserName, ToUserName): ...

    @rpc(Text, Integer32(min_occurs=1), Boolean(min_occurs=1), DateTime(min_occurs=1), _returns=AnyXml)
    async def EchoTyped(ctx, AuthenticationTicket, DocumentID, Recursive, DueDate): ...

    @rpc(Text, _returns=Unicode)
    async def EchoString(ctx, Value):
        """Says it again."""

    @rpc()
    async def DoNothing(ctx): ...


class Arrays(ServiceBase):
    @rpc(Array(Unicode), _returns=AnyXml)
    async def TakeNames(ctx, Names): ...

    @rpc(ByteArray, _returns=ByteArray)
    async def TakeBytes(ctx, Content): ...

    @rpc(AnyXml, _returns=Integer32)
    async def TakeXml(ctx, Doc): ...


def test_it_is_the_example() -> None:
    location = re.search(rb'soap:address location="([^"]+)"', EXAMPLE)
    assert location is not None
    written = wsdl(list(methods_of(Example).values()), location[1].decode())
    assert written.replace(b"\r\n", b"\n").strip() == EXAMPLE.replace(b"\r\n", b"\n").strip()
    assert b"\r\n" in written
    assert not written.endswith(b"\n")


def test_arrays_bytes_and_xml_stay_out_of_the_http_bindings() -> None:
    """Otherwise the schema would import one that clients fetch from the internet."""
    written = wsdl(list(methods_of(Arrays).values()), "http://localhost/srv.asmx").decode()
    assert '<wsdl:message name="TakeNamesSoapIn">' in written
    assert "TakeNamesHttpGet" not in written
    assert "TakeBytesHttpPost" not in written
    assert "TakeXmlHttpGet" not in written
    assert '<s:complexType name="ArrayOfString">' in written
    assert '<s:element minOccurs="1" maxOccurs="1" name="TakeXmlResult" type="s:int" />' in written


def test_pages_for_people() -> None:
    methods = methods_of(Example)
    assert b"Says it again." in help_page(methods.values(), "http://localhost/srv.asmx")
    page = operation_page(methods["EchoTyped"], "http://localhost/srv.asmx").decode()
    assert "&lt;DocumentID&gt;int&lt;/DocumentID&gt;" in page
    assert "&lt;DueDate&gt;dateTime&lt;/DueDate&gt;" in page
