<?php
// What the vendor's page takes for granted. `count` is as in the PHP of its time: 1 for an object.
namespace page;

[, $base, $clientId, $clientSecret] = $argv;

function count($value) { return is_array($value) ? \count($value) : 1; }

function ask($method, $url, $headers, $content) {
    $http = ['method' => $method, 'header' => $headers, 'content' => $content, 'ignore_errors' => true];
    $body = file_get_contents($url, false, stream_context_create(['http' => $http]));
    return [(int) explode(' ', $http_response_header[0])[1], $body];
}

function pmRestRequest($method, $endpoint, $aVars = null, $accessToken = null) {
    global $base, $token;
    $headers = ["Authorization: Bearer $token", 'Content-Type: application/json'];
    $oRet = new \stdClass;
    [$oRet->status, $body] = ask($method, $base . $endpoint, $headers, $aVars === null ? '' : json_encode($aVars));
    $oRet->response = json_decode($body);
    echo "$method $oRet->status\n";
    return $oRet;
}

$fields = ['grant_type' => 'password', 'scope' => '*', 'client_id' => $clientId, 'client_secret' => $clientSecret,
           'username' => 'admin', 'password' => 'admin'];
$form = 'Content-Type: application/x-www-form-urlencoded';
$token = json_decode(ask('POST', "$base/workflow/oauth2/token", $form, http_build_query($fields))[1])->access_token;
