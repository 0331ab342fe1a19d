package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log"
	"mime"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	_ "github.com/mattn/go-sqlite3"
)

const tolerance = 5 * time.Minute

const schema = `
	CREATE TABLE IF NOT EXISTS events (key TEXT PRIMARY KEY, body BLOB NOT NULL, processed INTEGER NOT NULL DEFAULT 0);
	CREATE INDEX IF NOT EXISTS pending_events ON events (processed) WHERE processed = 0;
	CREATE TABLE IF NOT EXISTS statuses (id TEXT PRIMARY KEY, kind TEXT, status TEXT, step INTEGER);`

// Inbox stores each event of Bluum once, and processes it after the answer.
type Inbox struct {
	key      []byte
	database *sql.DB
}

// Event has the fields of both forms of the payload.
type Event struct {
	ID        string `json:"id"`
	EventID   string `json:"event_id"`
	Event     string `json:"event"`
	EventType string `json:"event_type"`
	Data      struct {
		ID           string `json:"id"`
		OrderID      string `json:"order_id"`
		TransferID   string `json:"transfer_id"`
		DepositID    string `json:"deposit_id"`
		WithdrawalID string `json:"withdrawal_id"`
	} `json:"data"`
}

// eventKey is the identity of an event: its own ID if it has one, otherwise the exact bytes of its body. It is never
// data.id, the order's ID: the acceptance and the fill of an order share it.
func eventKey(event Event, headers http.Header, body []byte) string {
	own := firstOf(event.ID, event.EventID, headers.Get("webhook-id"))
	if own != "" {
		body = []byte("id " + own)
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}

func openInbox(file, secret string) (*Inbox, error) {
	if secret == "" {
		return nil, errors.New("BLUUM_WEBHOOK_SECRET is not set: it is the signing secret of your webhook")
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(secret, "whsec_"))
	if err != nil {
		return nil, errors.New("BLUUM_WEBHOOK_SECRET is not a secret of the form whsec_ and base64")
	}
	// Transactions take the lock for writing when they begin, and wait for it.
	database, err := sql.Open("sqlite3", file+"?_journal_mode=WAL&_busy_timeout=30000&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	if _, err := database.Exec(schema); err != nil {
		return nil, err
	}
	inbox := &Inbox{key: key, database: database}
	inbox.processPending() // events that were stored before a crash
	return inbox, nil
}

// receive returns the status with which to answer a delivery. The body is as received.
func (inbox *Inbox) receive(headers http.Header, body []byte) int {
	if mediaType, _, err := mime.ParseMediaType(headers.Get("Content-Type")); err != nil || mediaType != "application/json" {
		return http.StatusUnsupportedMediaType
	}
	if !inbox.isSignedByBluum(headers, body) {
		return http.StatusUnauthorized
	}
	var event Event
	if err := json.Unmarshal(body, &event); err != nil {
		return http.StatusBadRequest // malformed, or empty
	}
	const add = "INSERT INTO events (key, body) VALUES (?, ?) ON CONFLICT DO NOTHING"
	if _, err := inbox.database.Exec(add, eventKey(event, headers, body), body); err != nil {
		log.Print("An event cannot be stored: ", err)
		return http.StatusServiceUnavailable // Bluum retries
	}
	return http.StatusOK // also for a duplicate, otherwise Bluum retries
}

// isSignedByBluum verifies Standard Webhooks: an HMAC-SHA256 over `id.timestamp.body`, of the raw bytes.
func (inbox *Inbox) isSignedByBluum(headers http.Header, body []byte) bool {
	id, timestamp := headers.Get("webhook-id"), headers.Get("webhook-timestamp")
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return false
	}
	if age := time.Since(time.Unix(seconds, 0)); age > tolerance || age < -tolerance {
		return false
	}
	mac := hmac.New(sha256.New, inbox.key)
	mac.Write([]byte(id + "." + timestamp + "."))
	mac.Write(body)
	expected := "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
	for _, given := range strings.Fields(headers.Get("webhook-signature")) {
		if hmac.Equal([]byte(expected), []byte(given)) {
			return true
		}
	}
	return false
}

func (inbox *Inbox) processPending() {
	pending, err := inbox.pending()
	if err != nil {
		log.Print("Pending events cannot be read: ", err)
	}
	for key, body := range pending {
		if err := inbox.processOnce(key, body); err != nil {
			log.Printf("Event %s stays pending: %v", key, err)
		}
	}
}

func (inbox *Inbox) pending() (map[string][]byte, error) {
	rows, err := inbox.database.Query("SELECT key, body FROM events WHERE processed = 0")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	pending := map[string][]byte{}
	for rows.Next() {
		var key string
		var body []byte
		if err := rows.Scan(&key, &body); err != nil {
			return nil, err
		}
		pending[key] = body
	}
	return pending, rows.Err()
}

// processOnce leaves nothing half done in a crash: the mark and the effect of an event are one transaction.
func (inbox *Inbox) processOnce(key string, body []byte) error {
	var event Event
	if err := json.Unmarshal(body, &event); err != nil {
		return err
	}
	transaction, err := inbox.database.Begin()
	if err != nil {
		return err
	}
	defer transaction.Rollback()
	mark, err := transaction.Exec("UPDATE events SET processed = 1 WHERE key = ? AND processed = 0", key)
	if err != nil {
		return err
	}
	if changed, err := mark.RowsAffected(); err != nil || changed == 0 {
		return err
	}
	if err := apply(transaction, event); err != nil {
		return err
	}
	return transaction.Commit()
}

// The progress of an order or a transfer, by the last part of its event names.
var steps = map[string]int{
	"initiated": 1, "accepted": 2, "partially_filled": 3, "filled": 4, "completed": 5, "canceled": 6, "rejected": 7, "failed": 8,
}

var tracked = regexp.MustCompile(`^(order|transfer)\.(?:.+\.)?(.+)$`)

// apply is what your app does with an event. Other events are not an error: Bluum may add new ones.
func apply(transaction *sql.Tx, event Event) error {
	name := firstOf(event.Event, event.EventType)
	data := event.Data
	id := firstOf(data.ID, data.OrderID, data.TransferID, data.DepositID, data.WithdrawalID)
	parts := tracked.FindStringSubmatch(name)
	if id == "" || parts == nil {
		return nil
	}
	kind, last := parts[1], parts[2]
	// Events can arrive out of order: an acceptance must not replace a fill that came first.
	_, err := transaction.Exec(`INSERT INTO statuses VALUES (?, ?, ?, ?) ON CONFLICT (id)
		DO UPDATE SET status = excluded.status, step = excluded.step WHERE excluded.step >= step`,
		id, kind, strings.TrimPrefix(name, kind+"."), steps[last])
	return err
}

// State is the state of the app, for `bluum-hooks check --state`.
type State struct {
	Processed int               `json:"processed"`
	Orders    map[string]string `json:"orders"`
	Transfers map[string]string `json:"transfers"`
}

func (inbox *Inbox) state() (State, error) {
	state := State{Orders: map[string]string{}, Transfers: map[string]string{}}
	if err := inbox.database.QueryRow("SELECT COUNT(*) FROM events WHERE processed = 1").Scan(&state.Processed); err != nil {
		return state, err
	}
	rows, err := inbox.database.Query("SELECT id, kind, status FROM statuses")
	if err != nil {
		return state, err
	}
	defer rows.Close()
	for rows.Next() {
		var id, kind, status string
		if err := rows.Scan(&id, &kind, &status); err != nil {
			return state, err
		}
		if kind == "order" {
			state.Orders[id] = status
		} else {
			state.Transfers[id] = status
		}
	}
	return state, rows.Err()
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}
