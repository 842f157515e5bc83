<?php
namespace page;
require __DIR__ . '/helper.php';

// as printed on the page "Ad Hoc Assignee Endpoints"
$processId = '3818779375772ec1f183320075303646';
$taskId = '6537449955772ec4b9705a4019286874';
$userId = '11609821854ca4355344560009542371';

$url = "/api/1.0/workflow/project/$processId/activity/$taskId/adhoc-assignee/$userId";
$oRet = pmRestRequest("DELETE", $url);
if (isset($oRet->status) and $oRet->status == 200) {
   print "Ad hoc user $userId unassigned from task $taskId\n";
}
