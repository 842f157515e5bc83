"""zeep, SOAP 1.1 and 1.2: client_zeep.py ADDRESS_OF_THE_SERVICE"""

import sys
from typing import Any

import zeep
import zeep.exceptions
from lxml import etree

CRITERIA = '<criteria><param NAME="ASSIGNEEID" VALUE="5"/><param NAME="TASKCOMPLETIONSTATUS" VALUE="Due"/></criteria>'


def element(value: Any) -> Any:
    """An xs:any comes back as an element, in a list or in an object."""
    value = value[0] if isinstance(value, list) else value
    inner = getattr(value, "_value_1", None)
    return element(inner) if inner is not None else value


for port in ("srvSoap", "srvSoap12"):
    service = zeep.Client(f"{sys.argv[1]}?WSDL").bind("srv", port)
    jdoe = element(service.AuthenticateUser(UID="jdoe", PWD="jdoe")).get("ticket")
    admin = element(service.AuthenticateUser(UID="admin", PWD="admin")).get("ticket")
    tasks = element(
        service.getTasks(AuthenticationTicket=jdoe, xmlcriteria=CRITERIA, SortBy="DueDate", AscendingOrder=True)
    )
    listed = [int(node.text) for node in tasks.iter("TaskID")]
    assert len(listed) == int(tasks.get("taskCount"))
    done = element(service.CompleteTask(AuthenticationTicket=jdoe, taskId=listed[0], comments="Ünï & <co>"))
    assert done.get("success") == "true", done.attrib
    moved = element(service.TransferUserTasks(AuthenticationTicket=admin, FromUserName="jdoe", ToUserName="jdoe"))
    assert dict(moved.attrib) == {"success": "true"}
    refused = element(service.UserExists(AuthenticationTicket=jdoe, UserName="€"))
    assert refused.get("error") == "User not found"
    namespace = {"srvSoap": "http://schemas.xmlsoap.org/soap/envelope/", "srvSoap12": zeep.ns.SOAP_ENV_12}[port]
    header = etree.Element("{urn:x}Secret")
    header.set(f"{{{namespace}}}mustUnderstand", "1")
    try:
        service.ServerInfo(_soapheaders=[header])
        raise AssertionError("no fault")
    except zeep.exceptions.Fault as fault:
        assert fault.message == "SOAP header Secret was not understood.", fault.message
    print(port, "tasks", listed)
