-- The schema a new database gets. Older ones come here by assets/migrations; a test proves that both roads meet.
--
-- Portable on purpose (SQLite and PostgreSQL): only INTEGER, REAL, TEXT and BLOB; times are INTEGER milliseconds UTC
-- (`…_at_ms`), booleans 0/1 (`is_…`), JSON is TEXT (`…_json`). Ids are never reused. Each table has one slice that
-- writes it, named in its comment. Every column is classified in assets/rodo/register.toml (a test checks it).

-- platform/db: the versions this database went through; the highest is the current one.
CREATE TABLE schema_version (
    version INTEGER NOT NULL PRIMARY KEY -- number of the schema
) STRICT;

-- platform/jobs: what must happen after a change, written in the same transaction as the change.
CREATE TABLE outbox_jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,                -- names the handler, e.g. `knowledge.retrain`
    payload_json TEXT NOT NULL,        -- what the handler needs, ids rather than contents
    dedupe_key TEXT UNIQUE,            -- a second row with the same key is not written while this one exists
    state TEXT NOT NULL,               -- pending | running | done | failed
    attempts INTEGER NOT NULL,         -- how often it was started
    run_at_ms INTEGER NOT NULL,        -- not before this time
    claimed_until_ms INTEGER,          -- a running job whose worker died is taken again after this time
    last_error TEXT,                   -- why the last attempt failed, without personal data
    created_at_ms INTEGER NOT NULL,
    finished_at_ms INTEGER             -- when it was done or given up
) STRICT;
CREATE INDEX outbox_jobs_due ON outbox_jobs (kind, state, run_at_ms);

-- platform/jobs: when each scheduled task last began, so that one missed while the machine was off is made up for.
CREATE TABLE schedule_runs (
    name TEXT NOT NULL PRIMARY KEY,    -- name of the task
    last_due_at_ms INTEGER NOT NULL    -- the due time that was last handed to the outbox
) STRICT;

-- platform/http: first answers to requests with an Idempotency-Key, for 24 hours.
CREATE TABLE idempotency_keys (
    caller TEXT NOT NULL,              -- account, API key or visitor session that sent it
    route TEXT NOT NULL,               -- operation, so that one key may serve several routes
    request_key TEXT NOT NULL,         -- the header's value
    body_hash BLOB NOT NULL,           -- SHA-256 of the parsed body; another one under the same key is refused
    answer_json TEXT NOT NULL,         -- what was answered the first time
    created_at_ms INTEGER NOT NULL,
    PRIMARY KEY (caller, route, request_key)
) STRICT;
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at_ms);

-- accounts: the team.
CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    username TEXT NOT NULL UNIQUE,     -- lower-case, for signing in
    email TEXT NOT NULL UNIQUE,        -- lower-case
    display_name TEXT NOT NULL,        -- what visitors see beside this person's answers
    role TEXT NOT NULL,                -- owner | agent
    password_hash TEXT NOT NULL,       -- argon2id in PHC form; empty: invited, none set yet
    totp_secret BLOB,                  -- second factor, sealed with the key in secrets.json; NULL: none
    totp_confirmed_at_ms INTEGER,      -- the second factor counts from here; NULL: enrolment not finished
    totp_last_step INTEGER,            -- last time step accepted, so that no code works twice
    is_active INTEGER NOT NULL,        -- 0: may not sign in any more
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL
) STRICT;

-- accounts: signed-in browsers.
CREATE TABLE login_sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    token_hash BLOB NOT NULL UNIQUE,   -- SHA-256 of the cookie's value
    browser TEXT NOT NULL,             -- class only, e.g. `Firefox on Windows`
    address_truncated TEXT NOT NULL,   -- /24 or /48 of where it signed in from
    created_at_ms INTEGER NOT NULL,
    last_seen_at_ms INTEGER NOT NULL,  -- to the minute
    expires_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX login_sessions_user ON login_sessions (user_id);

-- accounts: keys for programs.
CREATE TABLE api_keys (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,                -- what it is for
    role TEXT NOT NULL,                -- owner | agent
    key_hash BLOB NOT NULL UNIQUE,     -- SHA-256 of the key, which has 256 random bits
    hint TEXT NOT NULL,                -- its first characters, to tell keys apart
    created_by INTEGER REFERENCES users (id) ON DELETE SET NULL, -- NULL: command line
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER,             -- NULL: never
    last_used_at_ms INTEGER,           -- to the minute
    revoked_at_ms INTEGER
) STRICT;

-- accounts: one-time links that let the first owner in.
CREATE TABLE setup_links (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    token_hash BLOB NOT NULL UNIQUE,   -- SHA-256 of the link's token
    created_at_ms INTEGER NOT NULL,
    used_at_ms INTEGER                 -- NULL: still valid
) STRICT;

-- accounts: links by which a member of the team sets a password. A link is a MAC over the id, so no token is stored.
CREATE TABLE password_links (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL UNIQUE REFERENCES users (id) ON DELETE CASCADE, -- a new link replaces the one before
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL
) STRICT;

-- accounts: who did what to whose data. Rows are only added, and removed by age.
CREATE TABLE audit_log (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    actor TEXT NOT NULL,               -- `user:<id>`, `key:<id>`, `visitor`, `system`
    action TEXT NOT NULL,              -- e.g. `login`, `data_deleted`
    session_id TEXT,                   -- the conversation it was about; NULL also once that was erased
    session_hash TEXT,                 -- SHA-256 of its id, hex: stays, so that erasing breaks no chain
    details_json TEXT NOT NULL,        -- counts and ids, never contents
    chain_hash TEXT NOT NULL           -- SHA-256 over the row before's and this row but session_id, hex
) STRICT;
CREATE INDEX audit_log_time ON audit_log (at_ms);
CREATE INDEX audit_log_session ON audit_log (session_id) WHERE session_id IS NOT NULL;

-- platform: what is remembered by name; each name has one slice that reads and writes it.
CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,    -- `company`, `languages`, `widget`, `training_digest` (knowledge), `notifications`, `limits` (settings), `health_check`, `backup_schedule`, `backup_offsite` (backup)
    value_json TEXT NOT NULL,
    updated_at_ms INTEGER NOT NULL
) STRICT;

-- knowledge: what the bot can recognise.
CREATE TABLE intents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,         -- e.g. `package_standard`
    titles_json TEXT NOT NULL,         -- button label per language
    follow_ups_json TEXT NOT NULL,     -- names of the intents offered after its answer
    position INTEGER NOT NULL,         -- order in lists
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL
) STRICT;

-- knowledge: example sentences the classifier is trained on.
CREATE TABLE intent_phrases (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    intent_id INTEGER NOT NULL REFERENCES intents (id) ON DELETE CASCADE,
    lang TEXT NOT NULL,                -- pl | en | de
    body TEXT NOT NULL,
    UNIQUE (intent_id, lang, body)
) STRICT;

-- knowledge: answers of intents (`intent:<name>`) and sentences of the bot itself (`system:<key>`).
CREATE TABLE answers (
    name TEXT NOT NULL,                -- `intent:<name>` or `system:<key>`
    lang TEXT NOT NULL,                -- pl | en | de
    body TEXT NOT NULL,                -- template; placeholders are filled from the company's facts
    updated_at_ms INTEGER NOT NULL,
    PRIMARY KEY (name, lang)
) STRICT;

-- knowledge: kinds of details the bot picks out of a message.
CREATE TABLE entities (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,         -- e.g. `package`
    values_json TEXT NOT NULL,         -- known values, canonical name first
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL
) STRICT;

-- knowledge: what the company tells: packages, projects, questions and answers, pages.
CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    type TEXT NOT NULL,                -- faq | portfolio | review | blog | package | process | why_us | page
    slug TEXT NOT NULL,                -- the same in every language
    lang TEXT NOT NULL,                -- pl | en | de
    title TEXT NOT NULL,
    body TEXT NOT NULL,                -- template, as in answers
    tags_json TEXT NOT NULL,
    url TEXT,                          -- where to read more
    fields_json TEXT NOT NULL,         -- what only this type has (area_m2, step, …)
    position INTEGER NOT NULL,         -- order within the type
    is_published INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    UNIQUE (type, slug, lang)
) STRICT;

-- knowledge: the models that answered so far; the newest does now. Rows are only added.
CREATE TABLE model_versions (
    version INTEGER NOT NULL PRIMARY KEY, -- counts from 1
    phrases INTEGER NOT NULL,          -- how many it learned from
    intents INTEGER NOT NULL,          -- how many it tells apart, besides what is out of scope
    seconds REAL NOT NULL,             -- how long training and comparing took
    evaluation_json TEXT,              -- what became better and worse, by language; NULL: not compared
    added_json TEXT NOT NULL,          -- [language, intent, text] of the phrases that came since the version before
    removed_json TEXT NOT NULL,        -- and of those that went
    created_by TEXT,                   -- `user:<id>`, `key:<id>`; NULL: trained by itself
    created_at_ms INTEGER NOT NULL
) STRICT;

-- chat: one conversation a session.
CREATE TABLE conversations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    session_id TEXT NOT NULL UNIQUE,   -- the visitor's capability
    is_weak INTEGER NOT NULL,          -- 1: the id was chosen by the client; nothing may be read back with it
    status TEXT NOT NULL,              -- open | closed
    handled_by TEXT NOT NULL,          -- bot | queue | human
    agent_id INTEGER REFERENCES users (id) ON DELETE SET NULL, -- who owns it when `human`
    lang TEXT NOT NULL,                -- pl | en | de
    last_seq INTEGER NOT NULL,         -- seq of the newest message
    last_message TEXT NOT NULL,        -- beginning of the newest message, for lists
    last_sender TEXT NOT NULL,         -- user | bot | agent | system
    rating INTEGER,                    -- 1..5, the visitor's
    rating_comment TEXT,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    queued_at_ms INTEGER,              -- since when it waits for a person
    memory_json TEXT,                  -- what the assistant keeps in mind: place, goal, open question
    escalated_at_ms INTEGER,           -- when the team was told that it waits too long; older than queued_at_ms: an earlier wait
    analytics_session_id INTEGER       -- number of its session in analytics_sessions, which may be gone
) STRICT;
CREATE INDEX conversations_with_people ON conversations (id) WHERE handled_by <> 'bot';

-- chat: the messages, numbered 1, 2, 3 … within their conversation.
CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    sender TEXT NOT NULL,              -- user | bot | agent | system
    agent_id INTEGER,                  -- who wrote it when `agent`
    agent_name TEXT,                   -- as the visitor saw it
    body TEXT NOT NULL,
    lang TEXT NOT NULL,                -- pl | en | de
    intent TEXT,                       -- what the message was understood as (user), or answers (bot)
    confidence REAL,                   -- 0..1, calibrated
    extras_json TEXT,                  -- quick_replies and sources of a bot's message
    client_id TEXT,                    -- UUID given by the sender, or `v23:…` of one taken over; sending twice stores once
    created_at_ms INTEGER NOT NULL,
    UNIQUE (conversation_id, seq)
) STRICT;
CREATE UNIQUE INDEX messages_client ON messages (conversation_id, client_id) WHERE client_id IS NOT NULL;

-- chat: what the team notes on a conversation for itself; its visitor sees it only in the export of their data.
CREATE TABLE conversation_notes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    author_id INTEGER,                 -- who wrote it; NULL: a program with a key
    author_name TEXT NOT NULL,         -- as it was then
    body TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX conversation_notes_conversation ON conversation_notes (conversation_id);

-- chat: questions the assistant did not answer and searches that found nothing, until the team has looked at them. A
-- question's words stand in `messages`, a search's here.
CREATE TABLE missed_questions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id INTEGER UNIQUE REFERENCES messages (id) ON DELETE CASCADE, -- NULL: a search
    search_lang TEXT,                  -- pl | en | de
    search_text TEXT,                  -- what was looked for, masked; nobody knows who did
    times INTEGER NOT NULL,            -- how often
    cause TEXT NOT NULL,               -- fallback | unsure (was asked "did you mean") | search
    chosen_intent TEXT,                -- what the visitor tapped then
    resolution TEXT,                   -- phrase | answer | ignored; NULL: open
    resolved_at_ms INTEGER,
    created_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX missed_questions_open ON missed_questions (id) WHERE resolution IS NULL;
CREATE UNIQUE INDEX missed_questions_search ON missed_questions (search_lang, search_text) WHERE resolution IS NULL;

-- canned: answers the team writes once and sends often.
CREATE TABLE canned_answers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL,               -- what the team finds it by
    body TEXT NOT NULL,                -- template, as in answers
    lang TEXT NOT NULL,                -- pl | en | de
    tags_json TEXT NOT NULL,           -- words a visitor's question may hold
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    UNIQUE (lang, title)
) STRICT;

-- chat: consents of visitors. Rows are only added; the newest of a purpose counts.
CREATE TABLE consents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    session_id TEXT NOT NULL,
    purpose TEXT NOT NULL,             -- service | marketing | email_marketing | sms_marketing | phone
    is_given INTEGER NOT NULL,         -- 0: refused or withdrawn
    text_version TEXT NOT NULL,        -- which text was shown
    lang TEXT NOT NULL,
    address_truncated TEXT NOT NULL,   -- /24 or /48
    created_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX consents_session ON consents (session_id);

-- quotes: the price list in versions; the newest counts. Rows are only added.
CREATE TABLE price_lists (
    version INTEGER NOT NULL PRIMARY KEY, -- counts from 1
    prices_json TEXT NOT NULL,         -- prices, factors, extras, VAT: src/quotes/prices.rs
    created_by TEXT,                   -- `user:<id>`, `key:<id>`; NULL: came with the knowledge pack
    created_at_ms INTEGER NOT NULL
) STRICT;

-- quotes: what a client was told it would cost. The link to it is a MAC over the id, so no token is stored.
CREATE TABLE quotes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    price_list_version INTEGER NOT NULL REFERENCES price_lists (version),
    request_json TEXT NOT NULL,        -- area, package, property type, city, rooms, extras
    estimate_json TEXT NOT NULL,       -- ranges, VAT, assumptions and the last day it holds, as told
    lang TEXT NOT NULL,                -- pl | en | de
    session_id TEXT,                   -- the conversation it came from
    lead_id INTEGER,                   -- the lead it is for
    created_by TEXT,                   -- `user:<id>`, `key:<id>`; NULL: the assistant
    created_at_ms INTEGER NOT NULL,
    accepted_at_ms INTEGER             -- NULL: not accepted
) STRICT;
CREATE INDEX quotes_session ON quotes (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX quotes_lead ON quotes (lead_id) WHERE lead_id IS NOT NULL;

-- leads: people who left a way to reach them, from the chat, the form and the quiz.
CREATE TABLE leads (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    session_id TEXT,                   -- the visitor's session it began in
    is_weak_session INTEGER NOT NULL,  -- 1: the client chose that id; nobody is recognised by it
    is_shared INTEGER NOT NULL,        -- 1: also holds what came from outside its session, so that may not read it
    name TEXT NOT NULL,
    email TEXT,                        -- as written
    email_key TEXT,                    -- lower-case, to recognise the person by
    phone TEXT,                        -- as written
    phone_e164 TEXT,                   -- `+48600100200`, to recognise the person by
    interested_package TEXT,           -- standard | premium | luxury, or in the person's words
    property_size REAL,                -- square metres
    property_type TEXT,                -- flat | house …, or in the person's words
    location TEXT,                     -- city or address
    budget INTEGER,                    -- whole units of the company's currency
    message TEXT,                      -- what the person wrote, one paragraph a time they came
    additional_info TEXT,              -- what else was said, also answers that differ from those above
    source TEXT NOT NULL,              -- chat | form | quiz | booking | import
    first_touch_json TEXT,             -- page_url, path, referrer, referrer_host and utm of the first time
    last_touch_json TEXT,              -- the same of the last time
    status TEXT NOT NULL,              -- new | contacted | qualified | consultation_booked | converted | lost
    lost_reason TEXT,                  -- why, when `lost`
    score INTEGER NOT NULL,            -- 0..100, the sum of its reasons
    score_reasons_json TEXT NOT NULL,  -- what the points are for
    assigned_to INTEGER REFERENCES users (id) ON DELETE SET NULL, -- who cares for it
    notes TEXT,                        -- the newest of the team's notes
    tags_json TEXT NOT NULL,
    consents_json TEXT NOT NULL,       -- purpose, given or withdrawn, text with version and language, when; only added to
    monday_item_id TEXT,               -- its number at monday.com, when it was sent there
    is_spam INTEGER NOT NULL,          -- 1: lies in the spam folder
    spam_reason TEXT,                  -- honeypot | too_fast | no_proof_of_work | marked, while it lies there
    find_text TEXT NOT NULL,           -- name, then what else a list is searched by, without case and diacritics
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX leads_email ON leads (email_key);
CREATE INDEX leads_phone ON leads (phone_e164);
CREATE INDEX leads_session ON leads (session_id);
CREATE INDEX leads_age ON leads (is_spam, created_at_ms, id, status, score, assigned_to, interested_package);
CREATE INDEX leads_status ON leads (is_spam, status, created_at_ms, id, score, assigned_to, interested_package);
CREATE INDEX leads_assigned ON leads (is_spam, assigned_to, created_at_ms, id, status, score, interested_package);
CREATE INDEX leads_score ON leads (is_spam, score, id, status, created_at_ms, assigned_to, interested_package);
CREATE INDEX leads_changed ON leads (is_spam, updated_at_ms, id, status, created_at_ms, score, assigned_to, interested_package);
CREATE INDEX leads_budget ON leads (is_spam, budget, id, status, created_at_ms, score, assigned_to, interested_package);
CREATE INDEX leads_find ON leads (is_spam, find_text, id, status, created_at_ms, updated_at_ms, score, budget, assigned_to, interested_package);
CREATE INDEX leads_spam ON leads (is_spam);

-- leads: what became of a lead, and by whom. Rows are only added; they go with the lead.
CREATE TABLE lead_history (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    lead_id INTEGER NOT NULL REFERENCES leads (id) ON DELETE CASCADE,
    at_ms INTEGER NOT NULL,
    actor TEXT NOT NULL,               -- `user:<id>`, `key:<id>`, `visitor` or `system`
    kind TEXT NOT NULL,                -- imported | created | joined | updated | status_changed | assigned | noted | merged | marked_spam | released
    changes_json TEXT NOT NULL,        -- `[{"field", "old", "new"}]`
    other_lead_id INTEGER              -- the lead that was merged into this one
) STRICT;
CREATE INDEX lead_history_lead ON lead_history (lead_id, id);

-- leads: what the team notes on a lead for itself. Rows are only added; they go with the lead.
CREATE TABLE lead_notes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    lead_id INTEGER NOT NULL REFERENCES leads (id) ON DELETE CASCADE,
    author_id INTEGER REFERENCES users (id) ON DELETE SET NULL, -- NULL: a program with a key, or an account that is gone
    author_name TEXT NOT NULL,         -- as it was then
    body TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX lead_notes_lead ON lead_notes (lead_id, id);

-- leads: further sessions of a lead, from leads that were merged into it.
CREATE TABLE lead_sessions (
    lead_id INTEGER NOT NULL REFERENCES leads (id) ON DELETE CASCADE,
    session_id TEXT NOT NULL,          -- the visitor's session the other lead began in
    is_weak_session INTEGER NOT NULL,  -- 1: the client chose that id; nobody is recognised by it
    PRIMARY KEY (lead_id, session_id)
) STRICT;
CREATE INDEX lead_sessions_session ON lead_sessions (session_id);

-- search: words that stand for others, besides those the program brings.
CREATE TABLE search_synonyms (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    lang TEXT NOT NULL,                -- pl | en | de
    is_two_way INTEGER NOT NULL,       -- 1: each word finds the others; 0: the first one also finds the others
    words_json TEXT NOT NULL,          -- words or short phrases, two at least
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL
) STRICT;

-- search: what was looked for and found, counted for suggestions. Nobody knows who did.
CREATE TABLE frequent_searches (
    lang TEXT NOT NULL,                -- pl | en | de
    body TEXT NOT NULL,                -- as it was typed, lower-case
    times INTEGER NOT NULL,            -- how often
    last_at_ms INTEGER NOT NULL,       -- when last
    PRIMARY KEY (lang, body)
) STRICT;

-- uploads: pictures as they were re-encoded; what was sent is not kept.
CREATE TABLE uploads (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    picture TEXT NOT NULL UNIQUE,      -- what the addresses of its files begin with: random, and the hash of what was sent
    session_id TEXT,                   -- the visitor's session it belongs to
    is_teams INTEGER NOT NULL,         -- 1: the team sent it
    access TEXT NOT NULL,              -- public: whoever knows an address; conversation: its session and the team
    folder TEXT NOT NULL,              -- under which the team finds it; no place on a disk
    file_name TEXT NOT NULL,           -- as the sender called it
    sha256 TEXT NOT NULL,              -- of the stored original
    placeholder TEXT NOT NULL,         -- ThumbHash, base64
    is_animated INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX uploads_session ON uploads (session_id);
CREATE INDEX uploads_folder ON uploads (folder, id);

-- uploads: the files of a picture.
CREATE TABLE upload_files (
    upload_id INTEGER NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
    variant TEXT NOT NULL,             -- original | thumbnail | medium | large
    format TEXT NOT NULL,              -- jpg | png | gif | webp
    is_main INTEGER NOT NULL,          -- 0: a smaller one beside it for clients that take its format
    width INTEGER NOT NULL,
    height INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL,
    blob TEXT NOT NULL,                -- its name in the storage, by its content: the same content lies there once
    PRIMARY KEY (upload_id, variant, format)
) STRICT;
CREATE INDEX upload_files_blob ON upload_files (blob);

-- bookings: what can be booked. A service that is taken off stays for the bookings it has.
CREATE TABLE booking_services (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    names_json TEXT NOT NULL,          -- {"pl": …, "en": …, "de": …}
    duration_min INTEGER NOT NULL,
    buffer_before_min INTEGER NOT NULL,
    buffer_after_min INTEGER NOT NULL,
    slot_step_min INTEGER NOT NULL,    -- from one possible beginning to the next
    min_notice_min INTEGER NOT NULL,
    horizon_days INTEGER NOT NULL,
    daily_cap INTEGER,                 -- a member and day; NULL: as many as fit
    location_kind TEXT NOT NULL,       -- office | on_site | phone | video
    cancel_notice_min INTEGER NOT NULL,
    reschedule_notice_min INTEGER NOT NULL,
    reminders_json TEXT NOT NULL,      -- [{offset_min, channel}]
    is_active INTEGER NOT NULL,        -- 0: no longer offered
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL
) STRICT;

-- bookings: who can be booked.
CREATE TABLE booking_staff (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,                -- what clients see
    email TEXT NOT NULL,               -- where invitations go
    hours_json TEXT NOT NULL,          -- [{weekday, from, to}] on the company's clock
    is_active INTEGER NOT NULL,        -- 0: takes no new bookings
    feed_version INTEGER NOT NULL,     -- part of what the calendar's address proves; a new one ends the old address
    user_id INTEGER REFERENCES users (id) ON DELETE SET NULL, -- the account of this member
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL
) STRICT;

-- bookings: who does what.
CREATE TABLE booking_service_staff (
    service_id INTEGER NOT NULL REFERENCES booking_services (id) ON DELETE CASCADE,
    staff_id INTEGER NOT NULL REFERENCES booking_staff (id) ON DELETE CASCADE,
    PRIMARY KEY (service_id, staff_id)
) STRICT;

-- bookings: when a member takes no visits.
CREATE TABLE booking_time_off (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    staff_id INTEGER NOT NULL REFERENCES booking_staff (id) ON DELETE CASCADE,
    from_ms INTEGER NOT NULL,
    to_ms INTEGER NOT NULL,
    reason TEXT,                       -- for the team
    created_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX booking_time_off_staff ON booking_time_off (staff_id, to_ms);

-- bookings: visits. The client's link is a MAC over the id, so no token is stored.
CREATE TABLE bookings (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    service_id INTEGER NOT NULL REFERENCES booking_services (id),
    staff_id INTEGER NOT NULL REFERENCES booking_staff (id),
    client_name TEXT NOT NULL,
    client_email TEXT NOT NULL,        -- as written
    client_email_key TEXT NOT NULL,    -- lower-case, to recognise the person by
    client_phone TEXT NOT NULL,        -- as written
    client_phone_e164 TEXT NOT NULL,   -- `+48600100200`
    lang TEXT NOT NULL,                -- pl | en | de: what the client is written in
    notes TEXT,                        -- in the client's words
    area TEXT,                         -- where the visit is, when it is on site
    session_id TEXT,                   -- the conversation it came from
    lead_id INTEGER REFERENCES leads (id) ON DELETE SET NULL, -- the client among the leads
    start_ms INTEGER NOT NULL,
    end_ms INTEGER NOT NULL,
    busy_from_ms INTEGER NOT NULL,     -- the visit with what is kept free around it
    busy_to_ms INTEGER NOT NULL,
    wall_time TEXT NOT NULL,           -- the beginning as it was said, `2026-11-24T09:00`
    time_zone TEXT NOT NULL,           -- in which zone
    status TEXT NOT NULL,              -- booked | cancelled | done | no_show
    sequence INTEGER NOT NULL,         -- how often it was changed, for calendars
    created_by TEXT,                   -- `user:<id>`, `key:<id>`; NULL: the client
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX bookings_staff ON bookings (staff_id, busy_to_ms) WHERE status <> 'cancelled';
CREATE INDEX bookings_start ON bookings (start_ms);
CREATE INDEX bookings_session ON bookings (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX bookings_lead ON bookings (lead_id) WHERE lead_id IS NOT NULL;
CREATE INDEX bookings_email ON bookings (client_email_key);
CREATE INDEX bookings_phone ON bookings (client_phone_e164);

-- bookings: every 5 minutes of a member that a booking holds, so that none can be given twice whatever else goes wrong.
CREATE TABLE booking_times (
    staff_id INTEGER NOT NULL REFERENCES booking_staff (id),
    cell INTEGER NOT NULL,             -- 5 minutes, counted from 1970
    booking_id INTEGER NOT NULL REFERENCES bookings (id) ON DELETE CASCADE,
    PRIMARY KEY (staff_id, cell)
) STRICT;
CREATE INDEX booking_times_booking ON booking_times (booking_id);

-- bookings: what became of a booking, and by whom. Rows are only added.
CREATE TABLE booking_history (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    booking_id INTEGER NOT NULL REFERENCES bookings (id) ON DELETE CASCADE,
    actor TEXT NOT NULL,               -- `user:<id>`, `key:<id>`; visitor: the client
    change TEXT NOT NULL,              -- created | moved | edited | cancelled | done | no_show
    details_json TEXT NOT NULL,        -- times and numbers before and after, names of fields; why the client cancelled
    created_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX booking_history_booking ON booking_history (booking_id);

-- bookings: what a client is reminded by, and when.
CREATE TABLE booking_reminders (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    booking_id INTEGER NOT NULL REFERENCES bookings (id) ON DELETE CASCADE,
    channel TEXT NOT NULL,             -- email | sms
    offset_min INTEGER,                -- how long before the visit it is meant; NULL: due at a time of its own
    due_at_ms INTEGER NOT NULL,
    is_urgent INTEGER NOT NULL,        -- 1: a member wants it sent now, also in quiet hours
    state TEXT NOT NULL,               -- pending | sent | missed | cancelled | failed
    sent_at_ms INTEGER,
    created_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX booking_reminders_booking ON booking_reminders (booking_id);
CREATE INDEX booking_reminders_due ON booking_reminders (due_at_ms) WHERE state = 'pending';

-- bookings: what clients are asked after a visit, and what they said. A row is there once they were asked or said it.
CREATE TABLE booking_feedback (
    booking_id INTEGER PRIMARY KEY REFERENCES bookings (id) ON DELETE CASCADE,
    asked_at_ms INTEGER,               -- NULL: said without being asked
    rating INTEGER,                    -- 1 to 5; NULL: none yet
    comment TEXT,                      -- in the client's words
    rated_at_ms INTEGER
) STRICT;

-- knowledge: the pictures of a document, in their order. While one is shown here, it is not removed.
CREATE TABLE document_pictures (
    document_id INTEGER NOT NULL REFERENCES documents (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,         -- counts from 0
    upload_id INTEGER NOT NULL REFERENCES uploads (id),
    PRIMARY KEY (document_id, position)
) STRICT;
CREATE INDEX document_pictures_upload ON document_pictures (upload_id);

-- notify: letters and text messages to people, each with how far it came. Rows are kept until they are purged or the
-- person they are about is erased.
CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    idempotency_key TEXT NOT NULL UNIQUE, -- what caused it, e.g. `lead:12:team`: the same cause writes once
    channel TEXT NOT NULL,             -- email | sms
    message TEXT NOT NULL,             -- its name, e.g. `lead_team`
    message_json TEXT NOT NULL,        -- the message with what it says
    lang TEXT,                         -- pl | en | de; NULL: the company's first language
    address TEXT,                      -- e-mail address or number of the person; NULL: the team
    recipient_name TEXT,
    about TEXT,                        -- what it is about, e.g. `lead:12`
    calendar TEXT,                     -- an event for the reader's calendar, iCalendar
    state TEXT NOT NULL,               -- pending | handed_on (to a row for each of the team) | sent | delivered | undelivered |
                                       -- not_configured | uncertain | refused | failed
    attempts INTEGER NOT NULL,         -- tries that failed
    last_error TEXT,                   -- why the last one failed, without personal data
    provider_id TEXT,                  -- Message-ID, or the provider's number of it
    created_at_ms INTEGER NOT NULL,
    ended_at_ms INTEGER                -- when it left the state pending
) STRICT;
CREATE INDEX deliveries_state ON deliveries (state, id);
CREATE INDEX deliveries_about ON deliveries (about);
CREATE INDEX deliveries_ended ON deliveries (ended_at_ms);

-- notify: who withdrew a consent by their address, or wants no more letters of a kind that nobody has to get. Rows are kept,
-- or the letters would come again.
CREATE TABLE message_refusals (
    address_hash BLOB NOT NULL,        -- SHA-256 of the address in lower case, or of the number in E.164
    message TEXT NOT NULL,             -- what is refused: a purpose (`email_marketing`), or a message's name
    created_at_ms INTEGER NOT NULL,
    PRIMARY KEY (address_hash, message)
) STRICT;

-- webhooks: addresses that hear of what happens.
CREATE TABLE webhooks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    url TEXT NOT NULL,
    description TEXT,                  -- the owner's own words
    events_json TEXT NOT NULL,         -- what it hears of, e.g. `lead.*`
    is_enabled INTEGER NOT NULL,
    secret_sealed BLOB NOT NULL,       -- what signs, sealed with the key in secrets.json
    old_secret_sealed BLOB,            -- the one before, which signs too until `old_secret_until_ms`
    old_secret_until_ms INTEGER,
    failures INTEGER NOT NULL,         -- tries that failed since the last one that did not
    failing_since_ms INTEGER,          -- when the first of these was
    disabled_at_ms INTEGER,            -- when it was switched off for its failures; NULL: it was not
    disabled_why TEXT,                 -- gone: it answered 410 | failing: nothing else for days
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL
) STRICT;

-- webhooks: what each of them is told, with how far it came. Rows are kept until they are purged or what they tell of is
-- erased.
CREATE TABLE webhook_deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    webhook_id INTEGER NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    event_id TEXT NOT NULL,            -- `msg_…`: the same at every try and every replay
    event TEXT NOT NULL,               -- e.g. `lead.created`
    about TEXT,                        -- what it is about, e.g. `lead:12`
    payload_json TEXT NOT NULL,        -- the body, sent as it stands here
    state TEXT NOT NULL,               -- pending | delivered | failed
    attempts INTEGER NOT NULL,         -- tries that failed
    next_try_at_ms INTEGER,            -- while it is pending
    response_status INTEGER,           -- of the last try that was answered
    response_excerpt TEXT,             -- beginning of that answer
    last_error TEXT,                   -- why the last try failed
    created_at_ms INTEGER NOT NULL,
    tried_at_ms INTEGER,               -- when the last try was
    ended_at_ms INTEGER                -- when it was delivered or given up
) STRICT;
CREATE INDEX webhook_deliveries_of ON webhook_deliveries (webhook_id, id);
CREATE INDEX webhook_deliveries_about ON webhook_deliveries (about);
CREATE INDEX webhook_deliveries_ended ON webhook_deliveries (ended_at_ms);

-- notify/monday: leads that monday.com shall show as they are now. Only where a board is configured.
CREATE TABLE monday_leads (
    lead_id INTEGER NOT NULL PRIMARY KEY REFERENCES leads (id) ON DELETE CASCADE,
    state TEXT NOT NULL,               -- pending | synced | failed
    version INTEGER NOT NULL,          -- counts changes of the lead
    is_uncertain INTEGER NOT NULL,     -- 1: an item was asked for and the answer did not come, so it is looked for first
    attempts INTEGER NOT NULL,         -- tries that failed since the last change
    last_error TEXT,                   -- why the last one failed, without personal data
    changed_at_ms INTEGER NOT NULL,
    synced_at_ms INTEGER
) STRICT;
CREATE INDEX monday_leads_state ON monday_leads (state);

-- rodo: erasures that were done, without whose they were. Rows are only added.
CREATE TABLE erasures (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    receipt TEXT NOT NULL UNIQUE,      -- random, what the receipt is called
    actor TEXT NOT NULL,               -- `user:<id>`, `key:<id>`, `visitor`, `system`
    counts_json TEXT NOT NULL,         -- how many of what are gone
    kept_json TEXT NOT NULL,           -- what stays without the person, and why
    tombstone_json TEXT NOT NULL,      -- keyed hashes of what was erased, as in tombstones.log
    created_at_ms INTEGER NOT NULL,
    completed_at_ms INTEGER            -- when the last copy was gone; NULL: a job is at it
) STRICT;

-- rodo: who asked for their data or its erasure, until they proved who they are or did not.
CREATE TABLE privacy_requests (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    token_hash BLOB NOT NULL UNIQUE,   -- SHA-256 of the request's public name
    kind TEXT NOT NULL,                -- export | delete
    identifier TEXT NOT NULL,          -- e-mail address in lower case, or number in E.164
    lang TEXT NOT NULL,                -- pl | en | de
    code_hash BLOB,                    -- keyed hash of the code; NULL: none was sent
    attempts INTEGER NOT NULL,         -- codes tried
    state TEXT NOT NULL,               -- open | ready (to be downloaded) | closed
    download_hash BLOB UNIQUE,         -- SHA-256 of the link's token
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX privacy_requests_identifier ON privacy_requests (identifier);
CREATE INDEX privacy_requests_age ON privacy_requests (expires_at_ms);

-- rodo: persons whose data must not be erased for now, e.g. while a claim is open.
CREATE TABLE legal_holds (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    subject_json TEXT NOT NULL,        -- keyed hashes of what the person is known by
    reason TEXT NOT NULL,              -- in the owner's words
    created_by TEXT NOT NULL,          -- `user:<id>`, `key:<id>`
    created_at_ms INTEGER NOT NULL,
    released_at_ms INTEGER             -- NULL: in force
) STRICT;

-- analytics: a visitor's session as the numbers know it. Its key is a digest, so that nothing here opens a conversation;
-- rows go with their conversation, or when retention ends them.
CREATE TABLE analytics_sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    session_key TEXT NOT NULL UNIQUE,  -- first 16 bytes of the SHA-256 of the session's id, hexadecimal
    lang TEXT NOT NULL,                -- pl | en | de
    device TEXT NOT NULL,              -- desktop | phone | tablet | unknown
    browser TEXT NOT NULL,             -- chrome | edge | firefox | opera | safari | samsung | other
    address_prefix TEXT,               -- the client's network: IPv4 of 24 bits, IPv6 of 48
    source TEXT NOT NULL,              -- utm_source, else the referrer's host, else `direct`; of the first touch
    campaign TEXT NOT NULL,            -- utm_campaign of the first touch, or empty
    landing_path TEXT NOT NULL,        -- path of the page the first touch was on, or empty
    last_source TEXT NOT NULL,         -- the same three of the last touch, as far as counted
    last_campaign TEXT NOT NULL,
    last_path TEXT NOT NULL,
    messages INTEGER NOT NULL,         -- the visitor's, as far as counted
    active_ms INTEGER NOT NULL,        -- time between its messages, pauses of 30 minutes and more left out
    stage INTEGER NOT NULL,            -- how far it came: 1 visit, 2 three messages, 3 interest, 4 contact or booking, 5 converted
    first_active_day INTEGER,          -- day of its first message in the company's zone, counted from 1970-01-01
    last_active_day INTEGER,           -- day of its newest one
    last_message_at_ms INTEGER,        -- when the newest of its messages came
    started_at_ms INTEGER NOT NULL,
    last_at_ms INTEGER NOT NULL        -- when something last happened in it, as far as counted
) STRICT;
CREATE INDEX analytics_sessions_age ON analytics_sessions (started_at_ms);
CREATE INDEX analytics_sessions_activity ON analytics_sessions (last_at_ms);

-- analytics: what happened, one row each, written in the transaction in which it happened. No names, addresses or texts.
CREATE TABLE analytics_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    session_id INTEGER REFERENCES analytics_sessions (id) ON DELETE CASCADE, -- NULL: nobody's, or of someone without a session
    kind TEXT NOT NULL,                -- which variant of `Event` it is
    details_json TEXT NOT NULL         -- the event with its fields
) STRICT;
CREATE INDEX analytics_events_session ON analytics_events (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX analytics_events_age ON analytics_events (at_ms);

-- analytics: counts per quarter of an hour (UTC), from which days of any time zone can be made.
CREATE TABLE analytics_quarters (
    metric TEXT NOT NULL,              -- which variant of `Metric` is counted
    start_ms INTEGER NOT NULL,         -- beginning of the quarter
    label TEXT NOT NULL,               -- which one of its kind: an intent, a source …; or empty
    count INTEGER NOT NULL,
    total REAL NOT NULL,               -- sum of what is measured with it: milliseconds, money, confidence …
    kept_count INTEGER NOT NULL,       -- the part of `count` whose events are gone
    kept_total REAL NOT NULL,
    PRIMARY KEY (metric, start_ms, label)
) STRICT;

-- analytics: the same per day of the company's time zone.
CREATE TABLE analytics_days (
    metric TEXT NOT NULL,
    day INTEGER NOT NULL,              -- counted from 1970-01-01
    label TEXT NOT NULL,
    count INTEGER NOT NULL,
    total REAL NOT NULL,
    PRIMARY KEY (metric, day, label)
) STRICT;
CREATE INDEX analytics_days_counts ON analytics_days (metric, day, label, count, total);

-- analytics: the same per month of it, so that a year is as quick to sum as a month.
CREATE TABLE analytics_months (
    metric TEXT NOT NULL,
    month INTEGER NOT NULL,            -- 12 times the year and its number in it, from 0
    label TEXT NOT NULL,
    count INTEGER NOT NULL,
    total REAL NOT NULL,
    PRIMARY KEY (metric, month, label)
) STRICT;

-- analytics: how far the counts are; one row.
CREATE TABLE analytics_state (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    counted_event_id INTEGER NOT NULL, -- number of the newest event that is counted
    time_zone TEXT NOT NULL            -- the zone the days are of
) STRICT;

-- experiments: ways of the chat to begin or to invite, tried side by side.
CREATE TABLE experiments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    hypothesis TEXT,                   -- what the team expects and why
    element TEXT NOT NULL,             -- greeting | quick_replies | call_to_action
    goal TEXT NOT NULL,                -- conversation | lead | booking | no_handoff | reported
    guard TEXT,                        -- handoff | fallback | low_rating: what must not become more frequent
    method TEXT NOT NULL,              -- sequential | fixed
    traffic_percent INTEGER NOT NULL,  -- 1..100: part of the visitors who take part
    confidence_level REAL NOT NULL,
    power REAL NOT NULL,
    baseline_rate REAL NOT NULL,       -- rate of success that is expected of the control
    minimum_lift_percent REAL NOT NULL, -- smallest change worth knowing of, of the baseline
    salt TEXT NOT NULL,                -- random; which visitor gets which variant is a hash of it and the session
    status TEXT NOT NULL,              -- draft | running | paused | stopped
    stop_reason TEXT,                  -- manual | planned_size | harm
    result_json TEXT,                  -- what is said about it once it has ended
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    started_at_ms INTEGER,
    ended_at_ms INTEGER
) STRICT;
CREATE INDEX experiments_status ON experiments (status);

-- experiments: what is compared; the first one is the control.
CREATE TABLE experiment_variants (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    experiment_id INTEGER NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,         -- 0: the control
    variant_key TEXT NOT NULL,         -- names it in answers
    name TEXT NOT NULL,
    weight INTEGER NOT NULL,           -- its part of the visitors among all weights
    content_json TEXT NOT NULL,        -- texts by language, or names of intents
    sequential_p REAL NOT NULL,        -- smallest sequential p-value so far; 1 at the start
    UNIQUE (experiment_id, variant_key)
) STRICT;

-- experiments: who has seen a variant, and what they did then; until the experiment ends or the session is erased.
CREATE TABLE experiment_exposures (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    experiment_id INTEGER NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
    variant_id INTEGER NOT NULL REFERENCES experiment_variants (id) ON DELETE CASCADE,
    session_key TEXT NOT NULL,         -- first 16 bytes of the SHA-256 of the session's id, hexadecimal
    exposed_at_ms INTEGER NOT NULL,
    goal_at_ms INTEGER,                -- when what is counted happened
    goal_value REAL,                   -- what the website reported with it
    engaged_at_ms INTEGER,             -- when the visitor used what is varied, as the website reported
    guard_at_ms INTEGER,               -- when what is guarded against happened
    UNIQUE (session_key, experiment_id)
) STRICT;
CREATE INDEX experiment_exposures_variant ON experiment_exposures (experiment_id, variant_id);
-- analytics: how long requests took, by route and quarter of an hour (UTC); a day after eight days.
CREATE TABLE request_times (
    start_ms INTEGER NOT NULL,         -- beginning of the quarter or day
    route TEXT NOT NULL,               -- pattern of the address, never an address
    length_ms INTEGER NOT NULL,        -- a quarter of an hour or a day
    classes_json TEXT NOT NULL,        -- [class of time in microseconds, requests] in rising order
    total_us INTEGER NOT NULL,         -- their times together
    max_us INTEGER NOT NULL,           -- the slowest one
    client_errors INTEGER NOT NULL,    -- answers from 400 to 499
    server_errors INTEGER NOT NULL,    -- answers from 500 on
    PRIMARY KEY (start_ms, route)
) STRICT;

-- analytics: what the process took, by quarter of an hour (UTC).
CREATE TABLE process_load (
    start_ms INTEGER PRIMARY KEY,      -- beginning of the quarter
    samples INTEGER NOT NULL,          -- how often it was looked at
    resident_bytes INTEGER NOT NULL,   -- sum of the memory found
    processor_ms INTEGER NOT NULL,     -- processor time used between the looks
    passed_ms INTEGER NOT NULL         -- time that passed between them
) STRICT;

-- widgets: what the team put on its dashboard.
CREATE TABLE widgets (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,                -- number | line | bar | list
    metric TEXT NOT NULL,              -- what it shows, see src/widgets/model.rs
    period_days INTEGER NOT NULL,      -- of how many days, with today
    created_at_ms INTEGER NOT NULL
) STRICT;
