-- Version 1: the first schema, as released.
CREATE TABLE schema_version (
    version INTEGER NOT NULL PRIMARY KEY
) STRICT;
CREATE TABLE outbox_jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    payload_json TEXT NOT NULL,
    dedupe_key TEXT UNIQUE,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    run_at_ms INTEGER NOT NULL,
    claimed_until_ms INTEGER,
    last_error TEXT,
    created_at_ms INTEGER NOT NULL,
    finished_at_ms INTEGER
) STRICT;
CREATE INDEX outbox_jobs_due ON outbox_jobs (kind, state, run_at_ms);
CREATE TABLE schedule_runs (
    name TEXT NOT NULL PRIMARY KEY,
    last_due_at_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE idempotency_keys (
    caller TEXT NOT NULL,
    route TEXT NOT NULL,
    request_key TEXT NOT NULL,
    body_hash BLOB NOT NULL,
    answer_json TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    PRIMARY KEY (caller, route, request_key)
) STRICT;
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at_ms);
CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    username TEXT NOT NULL UNIQUE,
    email TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    role TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    totp_secret BLOB,
    totp_confirmed_at_ms INTEGER,
    totp_last_step INTEGER,
    is_active INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE login_sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    token_hash BLOB NOT NULL UNIQUE,
    browser TEXT NOT NULL,
    address_truncated TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    last_seen_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX login_sessions_user ON login_sessions (user_id);
CREATE TABLE api_keys (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    key_hash BLOB NOT NULL UNIQUE,
    hint TEXT NOT NULL,
    created_by INTEGER REFERENCES users (id) ON DELETE SET NULL,
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER,
    last_used_at_ms INTEGER,
    revoked_at_ms INTEGER
) STRICT;
CREATE TABLE setup_links (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    token_hash BLOB NOT NULL UNIQUE,
    created_at_ms INTEGER NOT NULL,
    used_at_ms INTEGER
) STRICT;
CREATE TABLE password_links (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL UNIQUE REFERENCES users (id) ON DELETE CASCADE,
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE audit_log (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    session_id TEXT,
    session_hash TEXT,
    details_json TEXT NOT NULL,
    chain_hash TEXT NOT NULL
) STRICT;
CREATE INDEX audit_log_time ON audit_log (at_ms);
CREATE INDEX audit_log_session ON audit_log (session_id) WHERE session_id IS NOT NULL;
CREATE TABLE settings (
    name TEXT NOT NULL PRIMARY KEY,
    value_json TEXT NOT NULL,
    updated_at_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE intents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    titles_json TEXT NOT NULL,
    follow_ups_json TEXT NOT NULL,
    position INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE intent_phrases (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    intent_id INTEGER NOT NULL REFERENCES intents (id) ON DELETE CASCADE,
    lang TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (intent_id, lang, body)
) STRICT;
CREATE TABLE answers (
    name TEXT NOT NULL,
    lang TEXT NOT NULL,
    body TEXT NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    PRIMARY KEY (name, lang)
) STRICT;
CREATE TABLE entities (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    values_json TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE documents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    type TEXT NOT NULL,
    slug TEXT NOT NULL,
    lang TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    tags_json TEXT NOT NULL,
    url TEXT,
    fields_json TEXT NOT NULL,
    position INTEGER NOT NULL,
    is_published INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    UNIQUE (type, slug, lang)
) STRICT;
CREATE TABLE model_versions (
    version INTEGER NOT NULL PRIMARY KEY,
    phrases INTEGER NOT NULL,
    intents INTEGER NOT NULL,
    seconds REAL NOT NULL,
    evaluation_json TEXT,
    added_json TEXT NOT NULL,
    removed_json TEXT NOT NULL,
    created_by TEXT,
    created_at_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE conversations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    session_id TEXT NOT NULL UNIQUE,
    is_weak INTEGER NOT NULL,
    status TEXT NOT NULL,
    handled_by TEXT NOT NULL,
    agent_id INTEGER REFERENCES users (id) ON DELETE SET NULL,
    lang TEXT NOT NULL,
    last_seq INTEGER NOT NULL,
    last_message TEXT NOT NULL,
    last_sender TEXT NOT NULL,
    rating INTEGER,
    rating_comment TEXT,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    queued_at_ms INTEGER,
    memory_json TEXT,
    escalated_at_ms INTEGER,
    analytics_session_id INTEGER
) STRICT;
CREATE INDEX conversations_with_people ON conversations (id) WHERE handled_by <> 'bot';
CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    sender TEXT NOT NULL,
    agent_id INTEGER,
    agent_name TEXT,
    body TEXT NOT NULL,
    lang TEXT NOT NULL,
    intent TEXT,
    confidence REAL,
    extras_json TEXT,
    client_id TEXT,
    created_at_ms INTEGER NOT NULL,
    UNIQUE (conversation_id, seq)
) STRICT;
CREATE UNIQUE INDEX messages_client ON messages (conversation_id, client_id) WHERE client_id IS NOT NULL;
CREATE TABLE conversation_notes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation_id INTEGER NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
    author_id INTEGER,
    author_name TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX conversation_notes_conversation ON conversation_notes (conversation_id);
CREATE TABLE missed_questions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id INTEGER UNIQUE REFERENCES messages (id) ON DELETE CASCADE,
    search_lang TEXT,
    search_text TEXT,
    times INTEGER NOT NULL,
    cause TEXT NOT NULL,
    chosen_intent TEXT,
    resolution TEXT,
    resolved_at_ms INTEGER,
    created_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX missed_questions_open ON missed_questions (id) WHERE resolution IS NULL;
CREATE UNIQUE INDEX missed_questions_search ON missed_questions (search_lang, search_text) WHERE resolution IS NULL;
CREATE TABLE canned_answers (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL,
    body TEXT NOT NULL,
    lang TEXT NOT NULL,
    tags_json TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    UNIQUE (lang, title)
) STRICT;
CREATE TABLE consents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    session_id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    is_given INTEGER NOT NULL,
    text_version TEXT NOT NULL,
    lang TEXT NOT NULL,
    address_truncated TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX consents_session ON consents (session_id);
CREATE TABLE price_lists (
    version INTEGER NOT NULL PRIMARY KEY,
    prices_json TEXT NOT NULL,
    created_by TEXT,
    created_at_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE quotes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    price_list_version INTEGER NOT NULL REFERENCES price_lists (version),
    request_json TEXT NOT NULL,
    estimate_json TEXT NOT NULL,
    lang TEXT NOT NULL,
    session_id TEXT,
    lead_id INTEGER,
    created_by TEXT,
    created_at_ms INTEGER NOT NULL,
    accepted_at_ms INTEGER
) STRICT;
CREATE INDEX quotes_session ON quotes (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX quotes_lead ON quotes (lead_id) WHERE lead_id IS NOT NULL;

CREATE TABLE leads (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    session_id TEXT,
    is_weak_session INTEGER NOT NULL,
    is_shared INTEGER NOT NULL,
    name TEXT NOT NULL,
    email TEXT,
    email_key TEXT,
    phone TEXT,
    phone_e164 TEXT,
    interested_package TEXT,
    property_size REAL,
    property_type TEXT,
    location TEXT,
    budget INTEGER,
    message TEXT,
    additional_info TEXT,
    source TEXT NOT NULL,
    first_touch_json TEXT,
    last_touch_json TEXT,
    status TEXT NOT NULL,
    lost_reason TEXT,
    score INTEGER NOT NULL,
    score_reasons_json TEXT NOT NULL,
    assigned_to INTEGER REFERENCES users (id) ON DELETE SET NULL,
    notes TEXT,
    tags_json TEXT NOT NULL,
    consents_json TEXT NOT NULL,
    monday_item_id TEXT,
    is_spam INTEGER NOT NULL,
    spam_reason TEXT,
    find_text TEXT NOT NULL,
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
CREATE TABLE lead_history (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    lead_id INTEGER NOT NULL REFERENCES leads (id) ON DELETE CASCADE,
    at_ms INTEGER NOT NULL,
    actor TEXT NOT NULL,
    kind TEXT NOT NULL,
    changes_json TEXT NOT NULL,
    other_lead_id INTEGER
) STRICT;
CREATE INDEX lead_history_lead ON lead_history (lead_id, id);
CREATE TABLE lead_notes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    lead_id INTEGER NOT NULL REFERENCES leads (id) ON DELETE CASCADE,
    author_id INTEGER REFERENCES users (id) ON DELETE SET NULL,
    author_name TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX lead_notes_lead ON lead_notes (lead_id, id);
CREATE TABLE lead_sessions (
    lead_id INTEGER NOT NULL REFERENCES leads (id) ON DELETE CASCADE,
    session_id TEXT NOT NULL,
    is_weak_session INTEGER NOT NULL,
    PRIMARY KEY (lead_id, session_id)
) STRICT;
CREATE INDEX lead_sessions_session ON lead_sessions (session_id);
CREATE TABLE search_synonyms (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    lang TEXT NOT NULL,
    is_two_way INTEGER NOT NULL,
    words_json TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE frequent_searches (
    lang TEXT NOT NULL,
    body TEXT NOT NULL,
    times INTEGER NOT NULL,
    last_at_ms INTEGER NOT NULL,
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
CREATE TABLE booking_services (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    names_json TEXT NOT NULL,
    duration_min INTEGER NOT NULL,
    buffer_before_min INTEGER NOT NULL,
    buffer_after_min INTEGER NOT NULL,
    slot_step_min INTEGER NOT NULL,
    min_notice_min INTEGER NOT NULL,
    horizon_days INTEGER NOT NULL,
    daily_cap INTEGER,
    location_kind TEXT NOT NULL,
    cancel_notice_min INTEGER NOT NULL,
    reschedule_notice_min INTEGER NOT NULL,
    reminders_json TEXT NOT NULL,
    is_active INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE booking_staff (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    hours_json TEXT NOT NULL,
    is_active INTEGER NOT NULL,
    feed_version INTEGER NOT NULL,
    user_id INTEGER REFERENCES users (id) ON DELETE SET NULL,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE booking_service_staff (
    service_id INTEGER NOT NULL REFERENCES booking_services (id) ON DELETE CASCADE,
    staff_id INTEGER NOT NULL REFERENCES booking_staff (id) ON DELETE CASCADE,
    PRIMARY KEY (service_id, staff_id)
) STRICT;
CREATE TABLE booking_time_off (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    staff_id INTEGER NOT NULL REFERENCES booking_staff (id) ON DELETE CASCADE,
    from_ms INTEGER NOT NULL,
    to_ms INTEGER NOT NULL,
    reason TEXT,
    created_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX booking_time_off_staff ON booking_time_off (staff_id, to_ms);
CREATE TABLE bookings (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    service_id INTEGER NOT NULL REFERENCES booking_services (id),
    staff_id INTEGER NOT NULL REFERENCES booking_staff (id),
    client_name TEXT NOT NULL,
    client_email TEXT NOT NULL,
    client_email_key TEXT NOT NULL,
    client_phone TEXT NOT NULL,
    client_phone_e164 TEXT NOT NULL,
    lang TEXT NOT NULL,
    notes TEXT,
    area TEXT,
    session_id TEXT,
    lead_id INTEGER REFERENCES leads (id) ON DELETE SET NULL,
    start_ms INTEGER NOT NULL,
    end_ms INTEGER NOT NULL,
    busy_from_ms INTEGER NOT NULL,
    busy_to_ms INTEGER NOT NULL,
    wall_time TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    status TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    created_by TEXT,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX bookings_staff ON bookings (staff_id, busy_to_ms) WHERE status <> 'cancelled';
CREATE INDEX bookings_start ON bookings (start_ms);
CREATE INDEX bookings_session ON bookings (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX bookings_lead ON bookings (lead_id) WHERE lead_id IS NOT NULL;
CREATE INDEX bookings_email ON bookings (client_email_key);
CREATE INDEX bookings_phone ON bookings (client_phone_e164);
CREATE TABLE booking_times (
    staff_id INTEGER NOT NULL REFERENCES booking_staff (id),
    cell INTEGER NOT NULL,
    booking_id INTEGER NOT NULL REFERENCES bookings (id) ON DELETE CASCADE,
    PRIMARY KEY (staff_id, cell)
) STRICT;
CREATE INDEX booking_times_booking ON booking_times (booking_id);
CREATE TABLE booking_history (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    booking_id INTEGER NOT NULL REFERENCES bookings (id) ON DELETE CASCADE,
    actor TEXT NOT NULL,
    change TEXT NOT NULL,
    details_json TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX booking_history_booking ON booking_history (booking_id);
CREATE TABLE booking_reminders (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    booking_id INTEGER NOT NULL REFERENCES bookings (id) ON DELETE CASCADE,
    channel TEXT NOT NULL,
    offset_min INTEGER,
    due_at_ms INTEGER NOT NULL,
    is_urgent INTEGER NOT NULL,
    state TEXT NOT NULL,
    sent_at_ms INTEGER,
    created_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX booking_reminders_booking ON booking_reminders (booking_id);
CREATE INDEX booking_reminders_due ON booking_reminders (due_at_ms) WHERE state = 'pending';

-- knowledge: the pictures of a document, in their order. While one is shown here, it is not removed.
CREATE TABLE booking_feedback (
    booking_id INTEGER PRIMARY KEY REFERENCES bookings (id) ON DELETE CASCADE,
    asked_at_ms INTEGER,
    rating INTEGER,
    comment TEXT,
    rated_at_ms INTEGER
) STRICT;
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
                                       -- not_configured | uncertain | failed
    attempts INTEGER NOT NULL,         -- tries that failed
    last_error TEXT,                   -- why the last one failed, without personal data
    provider_id TEXT,                  -- Message-ID, or the provider's number of it
    created_at_ms INTEGER NOT NULL,
    ended_at_ms INTEGER                -- when it left the state pending
) STRICT;
CREATE INDEX deliveries_state ON deliveries (state, id);
CREATE INDEX deliveries_about ON deliveries (about);
CREATE INDEX deliveries_ended ON deliveries (ended_at_ms);
CREATE TABLE message_refusals (
    address_hash BLOB NOT NULL,
    message TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    PRIMARY KEY (address_hash, message)
) STRICT;
CREATE TABLE webhooks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    url TEXT NOT NULL,
    description TEXT,
    events_json TEXT NOT NULL,
    is_enabled INTEGER NOT NULL,
    secret_sealed BLOB NOT NULL,
    old_secret_sealed BLOB,
    old_secret_until_ms INTEGER,
    failures INTEGER NOT NULL,
    failing_since_ms INTEGER,
    disabled_at_ms INTEGER,
    disabled_why TEXT,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE webhook_deliveries (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    webhook_id INTEGER NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    event_id TEXT NOT NULL,
    event TEXT NOT NULL,
    about TEXT,
    payload_json TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_try_at_ms INTEGER,
    response_status INTEGER,
    response_excerpt TEXT,
    last_error TEXT,
    created_at_ms INTEGER NOT NULL,
    tried_at_ms INTEGER,
    ended_at_ms INTEGER
) STRICT;
CREATE INDEX webhook_deliveries_of ON webhook_deliveries (webhook_id, id);
CREATE INDEX webhook_deliveries_about ON webhook_deliveries (about);
CREATE INDEX webhook_deliveries_ended ON webhook_deliveries (ended_at_ms);
CREATE TABLE monday_leads (
    lead_id INTEGER NOT NULL PRIMARY KEY REFERENCES leads (id) ON DELETE CASCADE,
    state TEXT NOT NULL,
    version INTEGER NOT NULL,
    is_uncertain INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    last_error TEXT,
    changed_at_ms INTEGER NOT NULL,
    synced_at_ms INTEGER
) STRICT;
CREATE INDEX monday_leads_state ON monday_leads (state);
CREATE TABLE erasures (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    receipt TEXT NOT NULL UNIQUE,
    actor TEXT NOT NULL,
    counts_json TEXT NOT NULL,
    kept_json TEXT NOT NULL,
    tombstone_json TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    completed_at_ms INTEGER
) STRICT;
CREATE TABLE privacy_requests (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    token_hash BLOB NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    identifier TEXT NOT NULL,
    lang TEXT NOT NULL,
    code_hash BLOB,
    attempts INTEGER NOT NULL,
    state TEXT NOT NULL,
    download_hash BLOB UNIQUE,
    created_at_ms INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX privacy_requests_identifier ON privacy_requests (identifier);
CREATE INDEX privacy_requests_age ON privacy_requests (expires_at_ms);
CREATE TABLE legal_holds (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    subject_json TEXT NOT NULL,
    reason TEXT NOT NULL,
    created_by TEXT NOT NULL,
    created_at_ms INTEGER NOT NULL,
    released_at_ms INTEGER
) STRICT;
CREATE TABLE analytics_sessions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    session_key TEXT NOT NULL UNIQUE,
    lang TEXT NOT NULL,
    device TEXT NOT NULL,
    browser TEXT NOT NULL,
    address_prefix TEXT,
    source TEXT NOT NULL,
    campaign TEXT NOT NULL,
    landing_path TEXT NOT NULL,
    last_source TEXT NOT NULL,
    last_campaign TEXT NOT NULL,
    last_path TEXT NOT NULL,
    messages INTEGER NOT NULL,
    active_ms INTEGER NOT NULL,
    stage INTEGER NOT NULL,
    first_active_day INTEGER,
    last_active_day INTEGER,
    last_message_at_ms INTEGER,
    started_at_ms INTEGER NOT NULL,
    last_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX analytics_sessions_age ON analytics_sessions (started_at_ms);
CREATE INDEX analytics_sessions_activity ON analytics_sessions (last_at_ms);
CREATE TABLE analytics_events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    session_id INTEGER REFERENCES analytics_sessions (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    details_json TEXT NOT NULL
) STRICT;
CREATE INDEX analytics_events_session ON analytics_events (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX analytics_events_age ON analytics_events (at_ms);
CREATE TABLE analytics_quarters (
    metric TEXT NOT NULL,
    start_ms INTEGER NOT NULL,
    label TEXT NOT NULL,
    count INTEGER NOT NULL,
    total REAL NOT NULL,
    kept_count INTEGER NOT NULL,
    kept_total REAL NOT NULL,
    PRIMARY KEY (metric, start_ms, label)
) STRICT;
CREATE TABLE analytics_days (
    metric TEXT NOT NULL,
    day INTEGER NOT NULL,
    label TEXT NOT NULL,
    count INTEGER NOT NULL,
    total REAL NOT NULL,
    PRIMARY KEY (metric, day, label)
) STRICT;
CREATE INDEX analytics_days_counts ON analytics_days (metric, day, label, count, total);

CREATE TABLE analytics_months (
    metric TEXT NOT NULL,
    month INTEGER NOT NULL,
    label TEXT NOT NULL,
    count INTEGER NOT NULL,
    total REAL NOT NULL,
    PRIMARY KEY (metric, month, label)
) STRICT;
CREATE TABLE analytics_state (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    counted_event_id INTEGER NOT NULL,
    time_zone TEXT NOT NULL
) STRICT;

CREATE TABLE experiments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    hypothesis TEXT,
    element TEXT NOT NULL,
    goal TEXT NOT NULL,
    guard TEXT,
    method TEXT NOT NULL,
    traffic_percent INTEGER NOT NULL,
    confidence_level REAL NOT NULL,
    power REAL NOT NULL,
    baseline_rate REAL NOT NULL,
    minimum_lift_percent REAL NOT NULL,
    salt TEXT NOT NULL,
    status TEXT NOT NULL,
    stop_reason TEXT,
    result_json TEXT,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    started_at_ms INTEGER,
    ended_at_ms INTEGER
) STRICT;
CREATE INDEX experiments_status ON experiments (status);

CREATE TABLE experiment_variants (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    experiment_id INTEGER NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    variant_key TEXT NOT NULL,
    name TEXT NOT NULL,
    weight INTEGER NOT NULL,
    content_json TEXT NOT NULL,
    sequential_p REAL NOT NULL,
    UNIQUE (experiment_id, variant_key)
) STRICT;

CREATE TABLE experiment_exposures (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    experiment_id INTEGER NOT NULL REFERENCES experiments (id) ON DELETE CASCADE,
    variant_id INTEGER NOT NULL REFERENCES experiment_variants (id) ON DELETE CASCADE,
    session_key TEXT NOT NULL,
    exposed_at_ms INTEGER NOT NULL,
    goal_at_ms INTEGER,
    goal_value REAL,
    engaged_at_ms INTEGER,
    guard_at_ms INTEGER,
    UNIQUE (session_key, experiment_id)
) STRICT;
CREATE INDEX experiment_exposures_variant ON experiment_exposures (experiment_id, variant_id);
CREATE TABLE request_times (
    start_ms INTEGER NOT NULL,
    route TEXT NOT NULL,
    length_ms INTEGER NOT NULL,
    classes_json TEXT NOT NULL,
    total_us INTEGER NOT NULL,
    max_us INTEGER NOT NULL,
    client_errors INTEGER NOT NULL,
    server_errors INTEGER NOT NULL,
    PRIMARY KEY (start_ms, route)
) STRICT;
CREATE TABLE process_load (
    start_ms INTEGER PRIMARY KEY,
    samples INTEGER NOT NULL,
    resident_bytes INTEGER NOT NULL,
    processor_ms INTEGER NOT NULL,
    passed_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE widgets (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    title TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    metric TEXT NOT NULL,
    period_days INTEGER NOT NULL,
    created_at_ms INTEGER NOT NULL
) STRICT;
