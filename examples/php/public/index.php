<?php

declare(strict_types=1);

// A Bluum webhook endpoint in PHP: see README.md.
require __DIR__ . '/../Inbox.php';

const MAX_BODY = 1024 * 1024;

ini_set('display_errors', '0'); // otherwise PHP answers 200 to a fatal error, and the event is lost
http_response_code(500);

$inbox = new Inbox(getenv('DATABASE') ?: __DIR__ . '/../events.db', getenv('BLUUM_WEBHOOK_SECRET') ?: '');

switch ($_SERVER['REQUEST_METHOD'] . ' ' . parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH)) {
    case 'POST /webhooks/bluum':
        // The signature covers the raw bytes. post_max_size does not limit php://input.
        $body = file_get_contents('php://input', false, null, 0, MAX_BODY + 1);
        $headers = array_change_key_case(getallheaders());
        http_response_code(strlen($body) > MAX_BODY ? 413 : $inbox->receive($headers, $body));
        answer();
        $inbox->processPending();
        break;
    case 'GET /state':
        http_response_code(200);
        header('Content-Type: application/json');
        echo json_encode($inbox->state());
        break;
    default:
        http_response_code(404);
}

/** Sends the answer now; the script goes on. */
function answer(): void
{
    ignore_user_abort(true);
    if (function_exists('fastcgi_finish_request')) {
        fastcgi_finish_request();
        return;
    }
    header('Content-Length: 0');
    flush();
}
