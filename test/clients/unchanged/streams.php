<?php
$context = stream_context_create(['http' => ['method' => 'POST', 'content' => $argv[2], 'header' => 'content-type: application/json']]);
$answer = @file_get_contents($argv[1], false, $context);
if ($answer === false) {
    fwrite(STDERR, error_get_last()['message']);
    exit(1);
}
echo $answer;
