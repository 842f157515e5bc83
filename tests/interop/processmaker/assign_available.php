<?php
namespace page;
require __DIR__ . '/helper.php';

// as printed on the page "Ad Hoc Assignee Endpoints"
$processId = '3818779375772ec1f183320075303646';
$taskId = '6537449955772ec4b9705a4019286874';

$url = "/api/1.0/workflow/project/$processId/activity/$taskId/adhoc-available-assignee/paged";
$oRet = pmRestRequest("GET", $url);
if (isset($oRet->status) and $oRet->status == 200) {
   $aUsers = array();
   //only copy users into the array:
   for ($i = 0; $i < count($oRet->response); $i++) {
      if ($oRet->response->data[$i]->ada_type == 'user')
         $aUsers[] = $oRet->response->data[$i]->ada_uid;
   }
   if (count($aUsers) == 0)
      die("No users to assign to task");

   $randNo = rand(0, count($aUsers)-1);
   $url = "/api/1.0/workflow/project/$processId/activity/$taskId/adhoc-assignee";
   $aParams = array(
      'ada_uid' => $aUsers[$randNo],
      'ada_type'=> 'user'
   );
   $oRet = pmRestRequest("POST", $url, $aParams);
}
