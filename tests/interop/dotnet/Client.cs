// The .NET class library's own proxies (SOAP 1.1, SOAP 1.2, GET, POST), made by `wsdl` from our description.
using System;
using System.Web.Services.Protocols;
using System.Xml;

// what a proxy would look like for a method that the service does not have
class Wrong11 : Soap11.srv {
    [SoapDocumentMethod("http://tempuri.org/Nothing", RequestNamespace = "http://tempuri.org/", ResponseNamespace = "http://tempuri.org/")]
    public string Nothing() { return (string) Invoke("Nothing", new object[0])[0]; }
}

class Wrong12 : Soap12.srv {
    [SoapDocumentMethod("http://tempuri.org/Nothing", RequestNamespace = "http://tempuri.org/", ResponseNamespace = "http://tempuri.org/")]
    public string Nothing() { return (string) Invoke("Nothing", new object[0])[0]; }
}

class Client {
    const string Criteria = "<criteria><param NAME=\"ASSIGNEEID\" VALUE=\"5\"/><param NAME=\"TASKCOMPLETIONSTATUS\" VALUE=\"Due\"/></criteria>";

    static string Attribute(XmlNode node, string name) { return ((XmlElement) node).GetAttribute(name); }

    static void Check(bool condition, string what) {
        if (!condition) { Console.Error.WriteLine("failed: " + what); Environment.Exit(1); }
    }

    static int[] Listed(XmlNode found) {
        XmlNodeList nodes = found.SelectNodes("tasks/Task/TaskID");
        Check(nodes.Count == int.Parse(Attribute(found, "taskCount")), "taskCount");
        int[] ids = new int[nodes.Count];
        for (int i = 0; i < ids.Length; i++) ids[i] = int.Parse(nodes[i].InnerText);
        return ids;
    }

    static void Fault(Action call, string text) {
        try { call(); Check(false, "no fault"); }
        catch (SoapException fault) { Check(fault.Message.Contains(text), fault.Message); }
    }

    static void Main(string[] arguments) {
        string address = arguments[0];

        Soap11.srv one = new Soap11.srv { Url = address };
        string jdoe = Attribute(one.AuthenticateUser("jdoe", "jdoe"), "ticket");
        string admin = Attribute(one.AuthenticateUser("admin", "admin"), "ticket");
        int[] ids = Listed(one.getTasks(jdoe, Criteria, "DueDate", true));
        Check(Attribute(one.CompleteTask(jdoe, ids[0], "Ünï & <co>"), "success") == "true", "CompleteTask");
        Check(Attribute(one.TransferUserTasks(admin, "jdoe", "jdoe"), "success") == "true", "TransferUserTasks");
        Check(Attribute(one.UserExists(jdoe, "€"), "error") == "User not found", "UserExists");
        one.MaintenanceBeat();
        Fault(() => new Wrong11 { Url = address }.Nothing(), "Server did not recognize the value of HTTP Header SOAPAction");
        Console.WriteLine("SOAP 1.1 tasks " + string.Join(",", ids));

        Soap12.srv two = new Soap12.srv { Url = address };
        ids = Listed(two.getTasks(jdoe, Criteria, "DueDate", true));
        Check(Attribute(two.CompleteTask(jdoe, ids[0], "Ünï & <co>"), "success") == "true", "CompleteTask");
        Check(Attribute(two.TransferUserTasks(admin, "jdoe", "jdoe"), "success") == "true", "TransferUserTasks");
        Check(Attribute(two.UserExists(jdoe, "€"), "error") == "User not found", "UserExists");
        Fault(() => new Wrong12 { Url = address }.Nothing(), "was not recognized");
        Console.WriteLine("SOAP 1.2 tasks " + string.Join(",", ids));

        HttpGet.srv get = new HttpGet.srv { Url = address };
        ids = Listed(get.getTasks(jdoe, Criteria, "DueDate", "True"));
        Check(Attribute(get.UserExists(jdoe, "Ünï & <co>€"), "error") == "User not found", "UserExists");
        HttpPost.srv post = new HttpPost.srv { Url = address };
        Check(Attribute(post.CompleteTask(jdoe, ids[0].ToString(), "Ünï & <co>€"), "success") == "true", "CompleteTask");
        Check(Attribute(post.TransferUserTasks(admin, "jdoe", "jdoe"), "success") == "true", "TransferUserTasks");
        try { get.GetTask(jdoe, "one"); Check(false, "no error"); }
        catch (System.Net.WebException error) { Check(((System.Net.HttpWebResponse) error.Response).StatusCode == System.Net.HttpStatusCode.InternalServerError, error.Message); }
        Console.WriteLine("GET and POST tasks " + string.Join(",", ids));
    }
}
