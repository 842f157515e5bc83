"""suds, SOAP 1.1: client_suds.py ADDRESS_OF_THE_SERVICE"""

import sys

import suds
import suds.client
from suds.sax.attribute import Attribute
from suds.sax.element import Element

CRITERIA = '<criteria><param NAME="ASSIGNEEID" VALUE="5"/><param NAME="TASKCOMPLETIONSTATUS" VALUE="Due"/></criteria>'

client = suds.client.Client(f"{sys.argv[1]}?WSDL", cache=None, port="srvSoap")
service = client.service
jdoe = service.AuthenticateUser(UID="jdoe", PWD="jdoe").response._ticket
admin = service.AuthenticateUser(UID="admin", PWD="admin").response._ticket
answer = service.getTasks(AuthenticationTicket=jdoe, xmlcriteria=CRITERIA, SortBy="DueDate", AscendingOrder=True)
tasks = answer.response.tasks.Task
tasks = tasks if isinstance(tasks, list) else [tasks]
assert int(answer.response._taskCount) == len(tasks)
done = service.CompleteTask(AuthenticationTicket=jdoe, taskId=int(tasks[0].TaskID), comments="Ünï & <co>").response
assert done._success == "true", done
moved = service.TransferUserTasks(AuthenticationTicket=admin, FromUserName="jdoe", ToUserName="jdoe").root
assert moved._success == "true"
refused = service.UserExists(AuthenticationTicket=jdoe, UserName="€").response
assert refused._error == "User not found"
secret = Element("Secret", ns=("x", "urn:x"))
secret.append(Attribute("mustUnderstand", "1"))
secret.attributes[-1].prefix = "SOAP-ENV"
client.set_options(soapheaders=secret)
try:
    service.ServerInfo()
    raise AssertionError("no fault")
except suds.WebFault as fault:
    assert fault.fault.faultstring == "SOAP header Secret was not understood.", fault
print("srvSoap", "tasks", [int(task.TaskID) for task in tasks])
