// Axis2, SOAP 1.1 and 1.2, with a stub made from our WSDL (-d none: parameters and results are OMElements).
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import javax.xml.namespace.QName;
import org.apache.axiom.om.OMAbstractFactory;
import org.apache.axiom.om.OMElement;
import org.apache.axiom.om.OMFactory;
import org.apache.axiom.soap.SOAP11Constants;
import org.apache.axiom.soap.SOAP12Constants;
import org.apache.axiom.soap.SOAPFactory;
import org.apache.axiom.soap.SOAPHeaderBlock;
import org.apache.axis2.AxisFault;
import proxies.SrvStub;

public class Client {
    static final String NEW = "<TaskCreationRequestModel><RequestedAssigneeName>jdoe</RequestedAssigneeName>"
        + "<Instructions>Prüfen &amp; € \uD83D\uDCC4</Instructions><DueDate>2097-01-01T12:00:00</DueDate>"
        + "<PermissionChangeDueDate>true</PermissionChangeDueDate></TaskCreationRequestModel>";
    static final String CRITERIA = "<criteria><param NAME=\"ASSIGNEEID\" VALUE=\"5\"/>"
        + "<param NAME=\"TASKCOMPLETIONSTATUS\" VALUE=\"Due\"/></criteria>";
    static final String SPACE = "http://tempuri.org/";
    static final OMFactory FACTORY = OMAbstractFactory.getOMFactory();

    interface Operation {
        OMElement call(OMElement parameters) throws Exception;
    }

    static void check(String what, Object expected, Object found) {
        if (!expected.equals(found)) {
            throw new IllegalStateException(what + ": " + found);
        }
    }

    /** The one element in the result of a method; parameters are names and values, and null is not sent. */
    static OMElement ask(Operation operation, String method, String... parameters) throws Exception {
        OMElement call = FACTORY.createOMElement(new QName(SPACE, method));
        for (int i = 0; i < parameters.length; i += 2) {
            if (parameters[i + 1] != null) {
                OMElement parameter = FACTORY.createOMElement(new QName(SPACE, parameters[i]), call);
                parameter.setText(parameters[i + 1]);
            }
        }
        OMElement answer = operation.call(call);
        check(method, new QName(SPACE, method + "Response"), answer.getQName());
        return answer.getFirstElement().getFirstElement();
    }

    static String attribute(OMElement node, String name) {
        return node.getAttributeValue(new QName(name));
    }

    static OMElement child(OMElement node, String name) {
        return node.getFirstChildWithName(new QName(name));
    }

    static String login(SrvStub stub, String name) throws Exception {
        return attribute(ask(stub::authenticateUser, "AuthenticateUser", "UID", name, "PWD", name), "ticket");
    }

    static OMElement read(SrvStub stub, String ticket, String task) throws Exception {
        return child(ask(stub::getTask, "GetTask", "AuthenticationTicket", ticket, "taskId", task), "Task");
    }

    static List<String> scenario(SrvStub stub, SOAPFactory soap) throws Exception {
        String jdoe = login(stub, "jdoe");
        String admin = login(stub, "admin");
        OMElement made = ask(stub::createTask, "CreateTask", "AuthenticationTicket", admin,
            "documentPath", "/Corporate/Contracts/Agreement.docx", "xmlParameters", NEW);
        String task = child(child(made, "Value"), "TaskId").getText();

        OMElement found = ask(stub::getTasks, "getTasks", "AuthenticationTicket", jdoe, "xmlcriteria", CRITERIA,
            "SortBy", "DueDate", "AscendingOrder", "true");
        List<String> listed = new ArrayList<>();
        for (Iterator<OMElement> rows = child(found, "tasks").getChildElements(); rows.hasNext();) {
            listed.add(child(rows.next(), "TaskID").getText());
        }
        check("taskCount", attribute(found, "taskCount"), String.valueOf(listed.size()));
        check("getTasks", true, listed.contains(task));

        OMElement changed = ask(stub::changeTaskDueDate, "ChangeTaskDueDate", "AuthenticationTicket", jdoe,
            "taskId", task, "newDueDate", "2098-05-06T09:08:09.000+02:00", "allowedStartTimeSpan", "0");
        check("ChangeTaskDueDate", "true", attribute(changed, "success"));
        ask(stub::setTaskComment, "SetTaskComment", "AuthenticationTicket", jdoe, "taskId", task,
            "comments", "Ünï & <co>");
        check("DueDate", "2098-05-06 07:08:09", child(read(stub, jdoe, task), "DueDate").getText());
        check("instructions", "Prüfen & € \uD83D\uDCC4", child(read(stub, jdoe, task), "ShortInstruction").getText());
        check("comment", "Ünï & <co>", child(read(stub, jdoe, task), "ShortComments").getText());
        // a comment that is not sent stays, an empty one does not; the date is the least one of .NET, which means none
        for (String comment : new String[] {null, ""}) {
            OMElement status = ask(stub::updateTaskStatus, "UpdateTaskStatus", "AuthenticationTicket", jdoe,
                "taskId", task, "taskStatus", "10", "finishDate", "0001-01-01T00:00:00", "comments", comment);
            check("UpdateTaskStatus", "true", attribute(status, "success"));
            String left = comment == null ? "Ünï & <co>" : "";
            check("comment", left, child(read(stub, jdoe, task), "ShortComments").getText());
        }

        OMElement done = ask(stub::completeTask, "CompleteTask", "AuthenticationTicket", jdoe, "taskId", task,
            "comments", "Ünï & <co>");
        check("CompleteTask", "true", attribute(done, "success"));
        check("TaskStatus", "Completed", child(read(stub, jdoe, task), "TaskStatus").getText());
        OMElement again = ask(stub::completeTask, "CompleteTask", "AuthenticationTicket", jdoe, "taskId", task,
            "comments", null);
        check("CompleteTask", "The task is already completed", attribute(again, "error"));
        OMElement moved = ask(stub::transferUserTasks, "TransferUserTasks", "AuthenticationTicket", admin,
            "FromUserName", "jdoe", "ToUserName", "jdoe");
        check("TransferUserTasks", "root", moved.getLocalName());
        OMElement refused = ask(stub::userExists, "UserExists", "AuthenticationTicket", jdoe, "UserName", "€");
        check("UserExists", "User not found", attribute(refused, "error"));

        SOAPHeaderBlock header = soap.createSOAPHeaderBlock("Secret", soap.createOMNamespace("urn:x", "x"));
        header.setMustUnderstand(true);
        stub._getServiceClient().addHeader(header);
        try {
            ask(stub::serverInfo, "ServerInfo");
            throw new IllegalStateException("no fault");
        } catch (AxisFault fault) {
            check("fault", "SOAP header Secret was not understood.", fault.getMessage());
        }
        return listed;
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 0) {
            return; // everything that it takes to get here is installed
        }
        SOAPFactory one = OMAbstractFactory.getSOAP11Factory();
        SOAPFactory two = OMAbstractFactory.getSOAP12Factory();
        for (SOAPFactory soap : List.of(one, two)) {
            SrvStub stub = new SrvStub(arguments[0]);
            String space = soap == one ? SOAP11Constants.SOAP_ENVELOPE_NAMESPACE_URI
                : SOAP12Constants.SOAP_ENVELOPE_NAMESPACE_URI;
            stub._getServiceClient().getOptions().setSoapVersionURI(space);
            System.out.println((soap == one ? "SOAP 1.1" : "SOAP 1.2") + " tasks " + scenario(stub, soap));
        }
    }
}
