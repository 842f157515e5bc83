// gosoap, SOAP 1.1, which finds addresses and actions in our WSDL:  client ADDRESS_OF_THE_SERVICE
package main

import (
	"encoding/xml"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/tiaguinho/gosoap"
)

const create = `<TaskCreationRequestModel><RequestedAssigneeName>jdoe</RequestedAssigneeName>` +
	`<Instructions>Prüfen &amp; € 📄</Instructions><DueDate>2097-01-01T12:00:00</DueDate>` +
	`<PermissionChangeDueDate>true</PermissionChangeDueDate></TaskCreationRequestModel>`
const criteria = `<criteria><param NAME="ASSIGNEEID" VALUE="5"/><param NAME="TASKCOMPLETIONSTATUS" VALUE="Due"/></criteria>`

type task struct {
	TaskID           string
	ShortInstruction string
	ShortComments    string
	DueDate          string
	TaskStatus       string
}

// What is in the result of a method.
type root struct {
	XMLName xml.Name
	Success string `xml:"success,attr"`
	Error   string `xml:"error,attr"`
	Ticket  string `xml:"ticket,attr"`
	Count   int    `xml:"taskCount,attr"`
	TaskId  string `xml:"Value>TaskId"`
	Task    task   `xml:"Task"`
	Tasks   []task `xml:"tasks>Task"`
}

type answer struct {
	Result struct {
		Root root `xml:",any"`
	} `xml:",any"`
}

var client *gosoap.Client

func ask(method string, parameters gosoap.Params) root {
	response, err := client.Call(method, parameters)
	if err != nil {
		log.Fatal(method, ": ", err)
	}
	var read answer
	if err := response.Unmarshal(&read); err != nil {
		log.Fatal(method, ": ", err)
	}
	return read.Result.Root
}

func check(what string, expected, found interface{}) {
	if expected != found {
		log.Fatalf("%s: %v is not %v", what, found, expected)
	}
}

func main() {
	var err error
	if client, err = gosoap.SoapClient(os.Args[1]+"?WSDL", nil); err != nil {
		log.Fatal(err)
	}
	// all values are texts: gosoap writes nothing else
	jdoe := ask("AuthenticateUser", gosoap.Params{"UID": "jdoe", "PWD": "jdoe"}).Ticket
	admin := ask("AuthenticateUser", gosoap.Params{"UID": "admin", "PWD": "admin"}).Ticket
	id := ask("CreateTask", gosoap.Params{
		"AuthenticationTicket": admin, "documentPath": "/Corporate/Contracts/Agreement.docx", "xmlParameters": create,
	}).TaskId
	found := ask("getTasks", gosoap.Params{
		"AuthenticationTicket": jdoe, "xmlcriteria": criteria, "SortBy": "DueDate", "AscendingOrder": "true",
	})
	check("taskCount", found.Count, len(found.Tasks))

	read := func() task {
		return ask("GetTask", gosoap.Params{"AuthenticationTicket": jdoe, "taskId": id}).Task
	}
	changed := ask("ChangeTaskDueDate", gosoap.Params{
		"AuthenticationTicket": jdoe, "taskId": id, "newDueDate": "2098-05-06T09:08:09+02:00", "allowedStartTimeSpan": "0",
	})
	check("ChangeTaskDueDate", "true", changed.Success)
	ask("SetTaskComment", gosoap.Params{"AuthenticationTicket": jdoe, "taskId": id, "comments": "Ünï & <co>"})
	check("DueDate", "2098-05-06 07:08:09", read().DueDate)
	check("instructions", "Prüfen & € 📄", read().ShortInstruction)
	check("comment", "Ünï & <co>", read().ShortComments)
	// a comment that is not sent stays, an empty one does not; the date is the least one of .NET, which means none
	status := gosoap.Params{"AuthenticationTicket": jdoe, "taskId": id, "taskStatus": "10", "finishDate": "0001-01-01T00:00:00"}
	check("UpdateTaskStatus", "true", ask("UpdateTaskStatus", status).Success)
	check("comment that is not sent", "Ünï & <co>", read().ShortComments)
	status["comments"] = ""
	check("UpdateTaskStatus", "true", ask("UpdateTaskStatus", status).Success)
	check("comment that is empty", "", read().ShortComments)

	complete := gosoap.Params{"AuthenticationTicket": jdoe, "taskId": id, "comments": "Ünï & <co>"}
	check("CompleteTask", "true", ask("CompleteTask", complete).Success)
	check("TaskStatus", "Completed", read().TaskStatus)
	check("CompleteTask", "The task is already completed", ask("CompleteTask", complete).Error)
	moved := ask("TransferUserTasks", gosoap.Params{"AuthenticationTicket": admin, "FromUserName": "jdoe", "ToUserName": "jdoe"})
	check("TransferUserTasks", "root", moved.XMLName.Local)
	refused := ask("UserExists", gosoap.Params{"AuthenticationTicket": jdoe, "UserName": "€"})
	check("UserExists", "User not found", refused.Error)

	// a fault is an error; its text is not to be had here
	_, err = client.Call("GetTask", gosoap.Params{"AuthenticationTicket": jdoe, "taskId": "one"})
	if err == nil || !strings.Contains(err.Error(), "500") {
		log.Fatal("no fault: ", err)
	}
	fmt.Println("SOAP 1.1 tasks", found.Count)
}
