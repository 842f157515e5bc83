<?php
// PHP's SoapClient, SOAP 1.1 and 1.2:  php client.php ADDRESS_OF_THE_SERVICE
ini_set('soap.wsdl_cache_enabled', '0');
$criteria = '<criteria><param NAME="ASSIGNEEID" VALUE="5"/><param NAME="TASKCOMPLETIONSTATUS" VALUE="Due"/></criteria>';

function check($condition, $what)
{
    if (!$condition) {
        fwrite(STDERR, "failed: $what\n");
        exit(1);
    }
}

// a mixed any-type arrives as an object whose member `any` holds the XML
function xml($result)
{
    return new SimpleXMLElement($result->any);
}

foreach (['srvSoap' => SOAP_1_1, 'srvSoap12' => SOAP_1_2] as $port => $version) {
    $client = new SoapClient($argv[1] . '?WSDL', ['soap_version' => $version, 'cache_wsdl' => WSDL_CACHE_NONE]);
    $jdoe = (string)xml($client->AuthenticateUser(['UID' => 'jdoe', 'PWD' => 'jdoe'])->AuthenticateUserResult)['ticket'];
    $admin = (string)xml($client->AuthenticateUser(['UID' => 'admin', 'PWD' => 'admin'])->AuthenticateUserResult)['ticket'];
    $found = xml($client->getTasks(['AuthenticationTicket' => $jdoe, 'xmlcriteria' => $criteria, 'SortBy' => 'DueDate', 'AscendingOrder' => true])->getTasksResult);
    $tasks = [];
    foreach ($found->tasks->Task as $task) {
        $tasks[] = (int)$task->TaskID;
    }
    check(count($tasks) == (int)$found['taskCount'], 'taskCount');
    $done = xml($client->CompleteTask(['AuthenticationTicket' => $jdoe, 'taskId' => $tasks[0], 'comments' => 'Ünï & <co>'])->CompleteTaskResult);
    check((string)$done['success'] === 'true', (string)$done['error']);
    $moved = xml($client->TransferUserTasks(['AuthenticationTicket' => $admin, 'FromUserName' => 'jdoe', 'ToUserName' => 'jdoe'])->TransferUserTasksResult);
    check((string)$moved['success'] === 'true', (string)$moved['error']);
    $refused = xml($client->UserExists(['AuthenticationTicket' => $jdoe, 'UserName' => '€'])->UserExistsResult);
    check((string)$refused['error'] === 'User not found', 'business error');
    $client->__setSoapHeaders(new SoapHeader('urn:x', 'Secret', 'x', true));
    try {
        $client->ServerInfo();
        check(false, 'no fault');
    } catch (SoapFault $fault) {
        check($fault->faultstring === 'SOAP header Secret was not understood.', $fault->faultstring);
    }
    echo "$port tasks ", implode(',', $tasks), "\n";
}
