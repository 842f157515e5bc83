// The JAX-WS reference implementation, SOAP 1.1, with proxies made from our WSDL.
import jakarta.xml.ws.BindingProvider;
import jakarta.xml.ws.handler.Handler;
import jakarta.xml.ws.handler.MessageContext;
import jakarta.xml.ws.handler.soap.SOAPHandler;
import jakarta.xml.ws.handler.soap.SOAPMessageContext;
import jakarta.xml.ws.soap.SOAPFaultException;
import jakarta.xml.soap.SOAPException;
import jakarta.xml.soap.SOAPHeader;
import java.net.URL;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.xml.namespace.QName;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import proxies.Srv;
import proxies.SrvSoap;

public class Client {
    static final String CRITERIA = "<criteria><param NAME=\"ASSIGNEEID\" VALUE=\"5\"/>"
        + "<param NAME=\"TASKCOMPLETIONSTATUS\" VALUE=\"Due\"/></criteria>";

    static void check(boolean condition, String what) {
        if (!condition) {
            throw new IllegalStateException(what);
        }
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

    /** Puts a header on every message that nobody here understands. */
    static class Secret implements SOAPHandler<SOAPMessageContext> {
        @Override
        public boolean handleMessage(SOAPMessageContext context) {
            if (Boolean.TRUE.equals(context.get(MessageContext.MESSAGE_OUTBOUND_PROPERTY))) {
                try {
                    SOAPHeader header = context.getMessage().getSOAPHeader();
                    if (header == null) {
                        header = context.getMessage().getSOAPPart().getEnvelope().addHeader();
                    }
                    header.addHeaderElement(new QName("urn:x", "Secret", "x")).setMustUnderstand(true);
                } catch (SOAPException error) {
                    throw new IllegalStateException(error);
                }
            }
            return true;
        }

        @Override
        public boolean handleFault(SOAPMessageContext context) {
            return true;
        }

        @Override
        public void close(MessageContext context) {
        }

        @Override
        public Set<QName> getHeaders() {
            return Set.of();
        }
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments.length == 0) {
            return; // everything that it takes to get here is installed
        }
        SrvSoap service = new Srv(new URL(arguments[0] + "?WSDL")).getSrvSoap();
        String jdoe = element(service.authenticateUser("jdoe", "jdoe").getContent()).getAttribute("ticket");
        String admin = element(service.authenticateUser("admin", "admin").getContent()).getAttribute("ticket");
        Element found = element(service.getTasks(jdoe, CRITERIA, "DueDate", true).getContent());
        NodeList nodes = found.getElementsByTagName("TaskID");
        List<Integer> listed = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            listed.add(Integer.valueOf(nodes.item(i).getTextContent()));
        }
        check(listed.size() == Integer.parseInt(found.getAttribute("taskCount")), "taskCount");
        Element done = element(service.completeTask(jdoe, listed.get(0), "Ünï & <co>").getContent());
        check(done.getAttribute("success").equals("true"), done.getAttribute("error"));
        Element moved = element(service.transferUserTasks(admin, "jdoe", "jdoe").getContent());
        check(moved.getAttribute("success").equals("true"), moved.getAttribute("error"));
        Element refused = element(service.userExists(jdoe, "€").getContent());
        check(refused.getAttribute("error").equals("User not found"), "business error");
        BindingProvider provider = (BindingProvider) service;
        @SuppressWarnings("rawtypes")
        List<Handler> handlers = provider.getBinding().getHandlerChain();
        handlers.add(new Secret());
        provider.getBinding().setHandlerChain(handlers);
        try {
            service.serverInfo();
            throw new IllegalStateException("no fault");
        } catch (SOAPFaultException fault) {
            check(fault.getMessage().contains("SOAP header Secret was not understood."), fault.getMessage());
        }
        System.out.println("SOAP 1.1 tasks " + listed);
    }
}
