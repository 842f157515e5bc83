/* gSOAP, SOAP 1.1 and 1.2, with what wsdl2h and soapcpp2 make of our WSDL:  client ADDRESS_OF_THE_SERVICE */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "soapH.h"
#include "srvSoap.nsmap"

static char NEW[] =
    "<TaskCreationRequestModel><RequestedAssigneeName>jdoe</RequestedAssigneeName>"
    "<Instructions>Prüfen &amp; € \xf0\x9f\x93\x84</Instructions><DueDate>2097-01-01T12:00:00</DueDate>"
    "<PermissionChangeDueDate>true</PermissionChangeDueDate></TaskCreationRequestModel>";
static char CRITERIA[] =
    "<criteria><param NAME=\"ASSIGNEEID\" VALUE=\"5\"/><param NAME=\"TASKCOMPLETIONSTATUS\" VALUE=\"Due\"/></criteria>";

static struct soap *soap;

static void fail(const char *what, const char *found) {
    fprintf(stderr, "%s: %s\n", what, found ? found : "(nothing)");
    if (soap->error) soap_print_fault(soap, stderr);
    exit(1);
}

static void has(const char *what, const char *answer, const char *part) {
    if (!answer || !strstr(answer, part)) fail(what, answer);
}

/* The text between two others, the first time. */
static char *between(const char *answer, const char *before, const char *after) {
    const char *start = answer ? strstr(answer, before) : NULL;
    const char *end = start ? strstr(start + strlen(before), after) : NULL;
    if (!end) fail(before, answer);
    start += strlen(before);
    char *text = soap_malloc(soap, end - start + 1);
    memcpy(text, start, end - start);
    text[end - start] = 0;
    return text;
}

/* What a method answers, as text: gSOAP keeps the untyped element so. */
#define CALL(method, out, ...) do { \
    struct _tempuri__##method in = {__VA_ARGS__}; \
    struct _tempuri__##method##Response response = {0}; \
    if (soap_call___tempuri__##method(soap, address, NULL, &in, &response)) fail(#method, NULL); \
    if (!response.method##Result) fail(#method, "no result"); \
    out = response.method##Result->__any ? response.method##Result->__any : response.method##Result->__mixed; \
} while (0)

static void scenario(const char *address, int version) {
    char *answer, *jdoe, *admin, *listed;
    int task;
    soap = soap_new1(SOAP_C_UTFSTRING | SOAP_IO_KEEPALIVE);
    soap_set_version(soap, version);

    CALL(AuthenticateUser, answer, .UID = "jdoe", .PWD = "jdoe");
    jdoe = between(answer, "ticket=\"", "\"");
    CALL(AuthenticateUser, answer, .UID = "admin", .PWD = "admin");
    admin = between(answer, "ticket=\"", "\"");
    CALL(CreateTask, answer, .AuthenticationTicket = admin, .documentPath = "/Corporate/Contracts/Agreement.docx", .xmlParameters = NEW);
    task = atoi(between(answer, "<TaskId>", "</TaskId>"));

    CALL(getTasks, answer, .AuthenticationTicket = jdoe, .xmlcriteria = CRITERIA, .SortBy = "DueDate", .AscendingOrder = xsd__boolean__true_);
    listed = between(answer, "taskCount=\"", "\"");
    for (int count = atoi(listed); count--; answer = strstr(answer, "</Task>") + 1) has("getTasks", answer, "</Task>");
    if (strstr(answer, "</Task>")) fail("more tasks than", listed);

    CALL(ChangeTaskDueDate, answer, .AuthenticationTicket = jdoe, .taskId = task, .newDueDate = 4050198489, .allowedStartTimeSpan = 0);
    has("ChangeTaskDueDate", answer, "success=\"true\"");
    CALL(SetTaskComment, answer, .AuthenticationTicket = jdoe, .taskId = task, .comments = "Ünï & <co>");
    has("SetTaskComment", answer, "success=\"true\"");
    CALL(GetTask, answer, .AuthenticationTicket = jdoe, .taskId = task);
    has("GetTask", answer, "<ShortInstruction>Prüfen &amp; € \xf0\x9f\x93\x84</ShortInstruction>");
    has("GetTask", answer, "<DueDate>2098-05-06 07:08:09</DueDate>");
    has("GetTask", answer, "<ShortComments>Ünï &amp; &lt;co&gt;</ShortComments>");
    /* a comment that is not sent stays, an empty one does not */
    CALL(UpdateTaskStatus, answer, .AuthenticationTicket = jdoe, .taskId = task, .taskStatus = 10, .finishDate = 4050198489);
    CALL(GetTask, answer, .AuthenticationTicket = jdoe, .taskId = task);
    has("GetTask", answer, "<ShortComments>Ünï &amp; &lt;co&gt;</ShortComments>");
    CALL(UpdateTaskStatus, answer, .AuthenticationTicket = jdoe, .taskId = task, .taskStatus = 10, .finishDate = 4050198489, .comments = "");
    CALL(GetTask, answer, .AuthenticationTicket = jdoe, .taskId = task);
    has("GetTask", answer, "<ShortComments");
    if (strstr(answer, "Ünï")) fail("the comment is still there", answer);

    CALL(CompleteTask, answer, .AuthenticationTicket = jdoe, .taskId = task, .comments = "Ünï & <co>");
    has("CompleteTask", answer, "success=\"true\"");
    CALL(GetTask, answer, .AuthenticationTicket = jdoe, .taskId = task);
    has("GetTask", answer, "<TaskStatus>Completed</TaskStatus>");
    CALL(CompleteTask, answer, .AuthenticationTicket = jdoe, .taskId = task, .comments = NULL);
    has("CompleteTask", answer, "error=\"The task is already completed\"");
    CALL(TransferUserTasks, answer, .AuthenticationTicket = admin, .FromUserName = "jdoe", .ToUserName = "jdoe");
    has("TransferUserTasks", answer, "<root ");
    CALL(UserExists, answer, .AuthenticationTicket = jdoe, .UserName = "€");
    has("UserExists", answer, "error=\"User not found\"");

    /* gSOAP writes the year 1 as one digit, which is no date */
    struct _tempuri__ChangeTaskDueDate wrong = {.AuthenticationTicket = jdoe, .taskId = task, .newDueDate = -62135596800};
    struct _tempuri__ChangeTaskDueDateResponse none;
    if (!soap_call___tempuri__ChangeTaskDueDate(soap, address, NULL, &wrong, &none)) fail("no fault", NULL);
    has("fault", *soap_faultstring(soap), "Server was unable to read request.");
    printf("SOAP 1.%d tasks %s\n", version, listed);
    soap_destroy(soap);
    soap_end(soap);
    soap_free(soap);
}

int main(int count, char **arguments) {
    for (int version = 1; version <= 2; version++) scenario(arguments[1], version);
    return 0;
}
