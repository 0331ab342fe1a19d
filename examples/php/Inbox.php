<?php

declare(strict_types=1);

/** Stores each event of Bluum once, and processes it after the answer. */
final class Inbox
{
    private const TOLERANCE_S = 5 * 60;

    /** The progress of an order or a transfer, by the last part of its event names. */
    private const STEPS = ['initiated', 'accepted', 'partially_filled', 'filled', 'completed', 'canceled', 'rejected', 'failed'];

    private PDO $database;
    private string $key;

    public function __construct(string $file, string $secret)
    {
        if ($secret === '') {
            throw new RuntimeException('BLUUM_WEBHOOK_SECRET is not set: it is the signing secret of your webhook');
        }
        $this->key = base64_decode(preg_replace('/^whsec_/', '', $secret));
        $this->database = new PDO("sqlite:$file", null, null, [PDO::ATTR_TIMEOUT => 30]);
        $this->database->exec(<<<'SQL'
            PRAGMA journal_mode = WAL;
            CREATE TABLE IF NOT EXISTS events (key TEXT PRIMARY KEY, body TEXT NOT NULL, processed INTEGER NOT NULL DEFAULT 0);
            CREATE INDEX IF NOT EXISTS pending_events ON events (processed) WHERE processed = 0;
            CREATE TABLE IF NOT EXISTS statuses (id TEXT PRIMARY KEY, kind TEXT, status TEXT, step INTEGER);
            SQL);
    }

    /**
     * The identity of an event: its own ID if it has one, otherwise the exact bytes of its body. It is never data.id, the
     * order's ID: the acceptance and the fill of an order share it.
     */
    private static function eventKey(array $event, array $headers, string $body): string
    {
        $own = $event['id'] ?? $event['event_id'] ?? $headers['webhook-id'] ?? null;
        return hash('sha256', $own === null ? $body : "id $own");
    }

    /** The status with which to answer a delivery. The names of headers are in lower case, the body is as received. */
    public function receive(array $headers, string $body): int
    {
        if (!preg_match('#^application/json\b#i', $headers['content-type'] ?? '')) {
            return 415;
        }
        if (!$this->isSignedByBluum($headers, $body)) {
            return 401;
        }
        $event = json_decode($body, true);
        if (!is_array($event)) {
            return 400; // malformed, or empty: json_decode throws nothing, and returns null
        }
        $this->database->prepare('INSERT INTO events (key, body) VALUES (?, ?) ON CONFLICT DO NOTHING')
            ->execute([self::eventKey($event, $headers, $body), $body]);
        return 200; // also for a duplicate, otherwise Bluum retries
    }

    /** Standard Webhooks: an HMAC-SHA256 over `id.timestamp.body`, of the raw bytes. */
    private function isSignedByBluum(array $headers, string $body): bool
    {
        $id = $headers['webhook-id'] ?? '';
        $timestamp = $headers['webhook-timestamp'] ?? '';
        if (!preg_match('/^\d{1,12}$/D', $timestamp) || abs(time() - (int) $timestamp) > self::TOLERANCE_S) {
            return false;
        }
        $expected = 'v1,' . base64_encode(hash_hmac('sha256', "$id.$timestamp.$body", $this->key, true));
        foreach (explode(' ', $headers['webhook-signature'] ?? '') as $given) {
            if (hash_equals($expected, $given)) {
                return true;
            }
        }
        return false;
    }

    /** Also processes events that were stored before a crash. */
    public function processPending(): void
    {
        $pending = $this->database->query('SELECT key, body FROM events WHERE processed = 0')->fetchAll(PDO::FETCH_KEY_PAIR);
        foreach ($pending as $key => $body) {
            try {
                $this->processOnce((string) $key, json_decode($body, true));
            } catch (Throwable $error) {
                error_log("Event $key stays pending: $error");
            }
        }
    }

    /** A crash leaves nothing half done: the mark and the effect of an event are one transaction. */
    private function processOnce(string $key, array $event): void
    {
        $this->database->beginTransaction();
        try {
            $mark = $this->database->prepare('UPDATE events SET processed = 1 WHERE key = ? AND processed = 0');
            $mark->execute([$key]);
            if ($mark->rowCount() === 1) {
                $this->apply($event);
            }
            $this->database->commit();
        } catch (Throwable $error) {
            $this->database->rollBack();
            throw $error;
        }
    }

    /** What your app does with an event. Other events are not an error: Bluum may add new ones. */
    private function apply(array $event): void
    {
        $name = $event['event'] ?? $event['event_type'] ?? '';
        $data = is_array($event['data'] ?? null) ? $event['data'] : [];
        $id = $data['id'] ?? $data['order_id'] ?? $data['transfer_id'] ?? $data['deposit_id'] ?? $data['withdrawal_id'] ?? null;
        if ($id === null || !is_string($name) || !preg_match('/^(order|transfer)\.(.+)$/', $name, $parts)) {
            return;
        }
        [, $kind, $status] = $parts;
        $step = array_search(array_slice(explode('.', $status), -1)[0], self::STEPS, true);
        // Events can arrive out of order: an acceptance must not replace a fill that came first.
        $this->database->prepare(
            'INSERT INTO statuses VALUES (?, ?, ?, ?) ON CONFLICT (id)
             DO UPDATE SET status = excluded.status, step = excluded.step WHERE excluded.step >= step'
        )->execute([$id, $kind, $status, $step === false ? -1 : $step]);
    }

    /** The state of the app, for `bluum-hooks check --state`. */
    public function state(): array
    {
        $processed = (int) $this->database->query('SELECT COUNT(*) FROM events WHERE processed = 1')->fetchColumn();
        $of = fn (string $kind): object => (object) $this->database
            ->query("SELECT id, status FROM statuses WHERE kind = '$kind'")->fetchAll(PDO::FETCH_KEY_PAIR);
        return ['processed' => $processed, 'orders' => $of('order'), 'transfers' => $of('transfer')];
    }
}
