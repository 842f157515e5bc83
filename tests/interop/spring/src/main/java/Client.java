// Spring Web Services, SOAP 1.1 and 1.2: a WebServiceTemplate with JAXB, whose classes are made from our WSDL.
import java.util.ArrayList;
import java.util.GregorianCalendar;
import java.util.List;
import java.util.TimeZone;
import javax.xml.datatype.DatatypeFactory;
import javax.xml.datatype.XMLGregorianCalendar;
import javax.xml.namespace.QName;
import org.springframework.oxm.jaxb.Jaxb2Marshaller;
import org.springframework.ws.client.core.WebServiceMessageCallback;
import org.springframework.ws.client.core.WebServiceTemplate;
import org.springframework.ws.soap.SoapMessage;
import org.springframework.ws.soap.SoapVersion;
import org.springframework.ws.soap.client.SoapFaultClientException;
import org.springframework.ws.soap.client.core.SoapActionCallback;
import org.springframework.ws.soap.saaj.SaajSoapMessageFactory;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import proxies.*;

public class Client {
    static final String NEW = "<TaskCreationRequestModel><RequestedAssigneeName>jdoe</RequestedAssigneeName>"
        + "<Instructions>Prüfen &amp; € \uD83D\uDCC4</Instructions><DueDate>2097-01-01T12:00:00</DueDate>"
        + "<PermissionChangeDueDate>true</PermissionChangeDueDate></TaskCreationRequestModel>";
    static final String CRITERIA = "<criteria><param NAME=\"ASSIGNEEID\" VALUE=\"5\"/>"
        + "<param NAME=\"TASKCOMPLETIONSTATUS\" VALUE=\"Due\"/></criteria>";

    final WebServiceTemplate template;

    Client(String address, SoapVersion version) throws Exception {
        Jaxb2Marshaller marshaller = new Jaxb2Marshaller();
        marshaller.setPackagesToScan("proxies");
        marshaller.afterPropertiesSet();
        SaajSoapMessageFactory messages = new SaajSoapMessageFactory();
        messages.setSoapVersion(version);
        messages.afterPropertiesSet();
        template = new WebServiceTemplate(messages);
        template.setMarshaller(marshaller);
        template.setUnmarshaller(marshaller);
        template.setDefaultUri(address);
    }

    static void check(String what, Object expected, Object found) {
        if (!expected.equals(found)) {
            throw new IllegalStateException(what + ": " + found);
        }
    }

    <T> T ask(Class<T> answer, Object call) {
        String method = answer.getSimpleName().replaceAll("Response$", "");
        return answer.cast(template.marshalSendAndReceive(call, new SoapActionCallback("http://tempuri.org/" + method)));
    }

    /** The element in a result of mixed content. */
    static Element element(List<Object> content) {
        for (Object item : content) {
            if (item instanceof Element) {
                return (Element) item;
            }
        }
        throw new IllegalStateException("no element");
    }

    static String text(Element node, String name) {
        return node.getElementsByTagName(name).item(0).getTextContent();
    }

    String login(String name) {
        AuthenticateUser call = new AuthenticateUser();
        call.setUID(name);
        call.setPWD(name);
        return element(ask(AuthenticateUserResponse.class, call).getAuthenticateUserResult().getContent())
            .getAttribute("ticket");
    }

    Element read(String ticket, int task) {
        GetTask call = new GetTask();
        call.setAuthenticationTicket(ticket);
        call.setTaskId(task);
        return element(ask(GetTaskResponse.class, call).getGetTaskResult().getContent());
    }

    Element complete(String ticket, int task, String comment) {
        CompleteTask call = new CompleteTask();
        call.setAuthenticationTicket(ticket);
        call.setTaskId(task);
        call.setComments(comment);
        return element(ask(CompleteTaskResponse.class, call).getCompleteTaskResult().getContent());
    }

    static XMLGregorianCalendar date(int year, int month, int day, int hour, int minute, int second) throws Exception {
        GregorianCalendar calendar = new GregorianCalendar(TimeZone.getTimeZone("GMT+2"));
        calendar.set(year, month - 1, day, hour, minute, second);
        return DatatypeFactory.newInstance().newXMLGregorianCalendar(calendar);
    }

    List<Integer> scenario() throws Exception {
        String jdoe = login("jdoe");
        String admin = login("admin");
        CreateTask create = new CreateTask();
        create.setAuthenticationTicket(admin);
        create.setDocumentPath("/Corporate/Contracts/Agreement.docx");
        create.setXmlParameters(NEW);
        Element made = element(ask(CreateTaskResponse.class, create).getCreateTaskResult().getContent());
        int task = Integer.parseInt(text(made, "TaskId"));

        GetTasks list = new GetTasks();
        list.setAuthenticationTicket(jdoe);
        list.setXmlcriteria(CRITERIA);
        list.setSortBy("DueDate");
        list.setAscendingOrder(true);
        Element found = element(ask(GetTasksResponse.class, list).getGetTasksResult().getContent());
        NodeList rows = found.getElementsByTagName("TaskID");
        List<Integer> listed = new ArrayList<>();
        for (int i = 0; i < rows.getLength(); i++) {
            listed.add(Integer.valueOf(rows.item(i).getTextContent()));
        }
        check("taskCount", found.getAttribute("taskCount"), String.valueOf(listed.size()));
        check("getTasks", true, listed.contains(task));

        ChangeTaskDueDate change = new ChangeTaskDueDate();
        change.setAuthenticationTicket(jdoe);
        change.setTaskId(task);
        change.setNewDueDate(date(2098, 5, 6, 9, 8, 9));
        Element changed = element(
            ask(ChangeTaskDueDateResponse.class, change).getChangeTaskDueDateResult().getContent());
        check("ChangeTaskDueDate", "true", changed.getAttribute("success"));
        SetTaskComment comment = new SetTaskComment();
        comment.setAuthenticationTicket(jdoe);
        comment.setTaskId(task);
        comment.setComments("Ünï & <co>");
        ask(SetTaskCommentResponse.class, comment);
        check("DueDate", "2098-05-06 07:08:09", text(read(jdoe, task), "DueDate"));
        check("instructions", "Prüfen & € \uD83D\uDCC4", text(read(jdoe, task), "ShortInstruction"));
        check("comment", "Ünï & <co>", text(read(jdoe, task), "ShortComments"));
        // a comment that is null stays, an empty one does not; the date is the least one of .NET, which means none
        UpdateTaskStatus status = new UpdateTaskStatus();
        status.setAuthenticationTicket(jdoe);
        status.setTaskId(task);
        status.setTaskStatus(10);
        status.setFinishDate(DatatypeFactory.newInstance().newXMLGregorianCalendar("0001-01-01T00:00:00"));
        ask(UpdateTaskStatusResponse.class, status);
        check("comment that is null", "Ünï & <co>", text(read(jdoe, task), "ShortComments"));
        status.setComments("");
        ask(UpdateTaskStatusResponse.class, status);
        check("comment that is empty", "", text(read(jdoe, task), "ShortComments"));

        check("CompleteTask", "true", complete(jdoe, task, "Ünï & <co>").getAttribute("success"));
        check("TaskStatus", "Completed", text(read(jdoe, task), "TaskStatus"));
        check("CompleteTask", "The task is already completed", complete(jdoe, task, null).getAttribute("error"));
        TransferUserTasks transfer = new TransferUserTasks();
        transfer.setAuthenticationTicket(admin);
        transfer.setFromUserName("jdoe");
        transfer.setToUserName("jdoe");
        Element moved = element(
            ask(TransferUserTasksResponse.class, transfer).getTransferUserTasksResult().getContent());
        check("TransferUserTasks", "root", moved.getLocalName());
        UserExists exists = new UserExists();
        exists.setAuthenticationTicket(jdoe);
        exists.setUserName("€");
        Element refused = element(ask(UserExistsResponse.class, exists).getUserExistsResult().getContent());
        check("UserExists", "User not found", refused.getAttribute("error"));

        WebServiceMessageCallback secret = message -> {
            SoapMessage envelope = (SoapMessage) message;
            envelope.setSoapAction("http://tempuri.org/ServerInfo");
            envelope.getSoapHeader().addHeaderElement(new QName("urn:x", "Secret", "x")).setMustUnderstand(true);
        };
        try {
            template.marshalSendAndReceive(new ServerInfo(), secret);
            throw new IllegalStateException("no fault");
        } catch (SoapFaultClientException fault) {
            check("fault", "SOAP header Secret was not understood.", fault.getFaultStringOrReason());
        }
        return listed;
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 0) {
            return; // everything that it takes to get here is installed
        }
        System.out.println("SOAP 1.1 tasks " + new Client(arguments[0], SoapVersion.SOAP_11).scenario());
        System.out.println("SOAP 1.2 tasks " + new Client(arguments[0], SoapVersion.SOAP_12).scenario());
    }
}
