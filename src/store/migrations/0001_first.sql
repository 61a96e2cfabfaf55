-- The first schema. Times are Unix milliseconds; days are ISO dates of the office's zone; identifiers are UUIDs.
-- Every row carries its office, so that a second engine may keep many offices side by side.

CREATE TABLE journal (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms      INTEGER NOT NULL,
    office     TEXT NOT NULL,
    event      TEXT NOT NULL,
    actor_kind TEXT NOT NULL CHECK (actor_kind IN ('officer', 'station', 'system')),
    actor      TEXT NOT NULL,
    station    TEXT,
    case_id    TEXT,
    detail     TEXT NOT NULL CHECK (json_valid(detail))
) STRICT;
CREATE INDEX journal_case ON journal (case_id, seq) WHERE case_id IS NOT NULL;
CREATE TRIGGER journal_keeps_rows BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;
CREATE TRIGGER journal_keeps_all_rows BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END;

CREATE TABLE cases (
    case_id            TEXT PRIMARY KEY,
    office             TEXT NOT NULL,
    version            INTEGER NOT NULL CHECK (version >= 1),
    stage              TEXT NOT NULL,
    stage_since_ms     INTEGER NOT NULL,
    variant            TEXT NOT NULL,
    service_version    TEXT NOT NULL,
    applicant          TEXT NOT NULL CHECK (length(applicant) = 16),
    applicant_doubtful INTEGER NOT NULL CHECK (applicant_doubtful IN (0, 1)),
    no_kk              TEXT,
    proxy              TEXT,
    answers            TEXT NOT NULL CHECK (json_valid(answers)),
    slip_token         TEXT NOT NULL CHECK (length(slip_token) = 64),
    slip_code          TEXT NOT NULL CHECK (length(slip_code) = 64),
    first_day          TEXT NOT NULL,
    first_number       TEXT NOT NULL,
    started_at_ms      INTEGER NOT NULL,
    submitted_at_ms    INTEGER NOT NULL,
    submitted_digest   TEXT NOT NULL,
    kiosk              TEXT NOT NULL,
    signature_deferred INTEGER NOT NULL DEFAULT 0 CHECK (signature_deferred IN (0, 1)),
    siak_number        TEXT,
    proposed_by        TEXT REFERENCES users (user_id),
    endorsed_by        TEXT REFERENCES users (user_id),
    register_year      INTEGER,
    register_number    INTEGER,
    return_note        TEXT,
    UNIQUE (office, slip_token)
) STRICT;
CREATE INDEX cases_code ON cases (office, slip_code);
CREATE INDEX cases_stage ON cases (office, stage, stage_since_ms);

CREATE TABLE documents (
    document_id   TEXT PRIMARY KEY,
    office        TEXT NOT NULL,
    case_id       TEXT NOT NULL REFERENCES cases (case_id),
    kind          TEXT NOT NULL,
    ordinal       INTEGER NOT NULL,
    sha256        TEXT,
    bytes         INTEGER,
    media_type    TEXT,
    width_px      INTEGER,
    height_px     INTEGER,
    dpi           INTEGER,
    arrived_at_ms INTEGER,
    replaced      INTEGER NOT NULL DEFAULT 0 CHECK (replaced IN (0, 1)),
    CHECK ((sha256 IS NULL) = (bytes IS NULL) AND (sha256 IS NULL) = (media_type IS NULL))
) STRICT;
CREATE INDEX documents_case ON documents (case_id, ordinal);

-- A verdict is about a kind: a paper that was only shown has no row in documents.
CREATE TABLE verdicts (
    case_id TEXT NOT NULL REFERENCES cases (case_id),
    kind    TEXT NOT NULL,
    office  TEXT NOT NULL,
    good    INTEGER NOT NULL CHECK (good IN (0, 1)),
    reason  TEXT,
    PRIMARY KEY (case_id, kind)
) STRICT;

CREATE TABLE return_reasons (
    case_id TEXT NOT NULL REFERENCES cases (case_id),
    ordinal INTEGER NOT NULL,
    office  TEXT NOT NULL,
    kind    TEXT,
    reason  TEXT NOT NULL,
    PRIMARY KEY (case_id, ordinal)
) STRICT;

CREATE TABLE tickets (
    ticket_id   TEXT PRIMARY KEY,
    office      TEXT NOT NULL,
    day         TEXT NOT NULL,
    queue       TEXT NOT NULL CHECK (queue IN ('verification', 'pickup')),
    series      TEXT NOT NULL,
    number      INTEGER NOT NULL CHECK (number BETWEEN 1 AND 9999),
    case_id     TEXT NOT NULL REFERENCES cases (case_id),
    state       TEXT NOT NULL CHECK (state IN ('waiting', 'called', 'serving', 'done', 'no_show')),
    since_ms    INTEGER NOT NULL,
    entered_seq INTEGER NOT NULL REFERENCES journal (seq),
    counter     TEXT,
    call_serial INTEGER,
    UNIQUE (office, day, queue, series, number)
) STRICT;
CREATE INDEX tickets_queue ON tickets (office, day, queue, state, entered_seq);
CREATE INDEX tickets_case ON tickets (case_id, day);
CREATE INDEX tickets_call ON tickets (office, call_serial) WHERE call_serial IS NOT NULL;

CREATE TABLE register (
    office  TEXT NOT NULL,
    year    INTEGER NOT NULL,
    number  INTEGER NOT NULL CHECK (number >= 1),
    case_id TEXT NOT NULL UNIQUE REFERENCES cases (case_id),
    at_ms   INTEGER NOT NULL,
    officer TEXT NOT NULL,
    PRIMARY KEY (office, year, number)
) STRICT;

CREATE TABLE users (
    user_id       TEXT PRIMARY KEY,
    office        TEXT NOT NULL,
    name          TEXT NOT NULL,
    role          TEXT NOT NULL,
    password      TEXT NOT NULL,
    must_change   INTEGER NOT NULL CHECK (must_change IN (0, 1)),
    created_at_ms INTEGER NOT NULL,
    UNIQUE (office, name)
) STRICT;

-- Wrong passwords by digest of the typed name: a password typed into the wrong field must not be readable here.
CREATE TABLE sign_in_failures (
    office          TEXT NOT NULL,
    name_digest     TEXT NOT NULL,
    failures        INTEGER NOT NULL,
    last_at_ms      INTEGER NOT NULL,
    locked_until_ms INTEGER,
    PRIMARY KEY (office, name_digest)
) STRICT;

CREATE TABLE sessions (
    token_digest  TEXT PRIMARY KEY,
    office        TEXT NOT NULL,
    user_id       TEXT NOT NULL REFERENCES users (user_id),
    created_at_ms INTEGER NOT NULL,
    seen_at_ms    INTEGER NOT NULL,
    expires_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE stations (
    station_id     TEXT PRIMARY KEY,
    office         TEXT NOT NULL,
    kind           TEXT NOT NULL CHECK (kind IN ('kiosk', 'counter', 'board')),
    name           TEXT NOT NULL,
    token_digest   TEXT NOT NULL UNIQUE,
    enrolled_at_ms INTEGER NOT NULL,
    UNIQUE (office, name)
) STRICT;

CREATE TABLE requests (
    request_id TEXT PRIMARY KEY,
    office     TEXT NOT NULL,
    digest     TEXT NOT NULL,
    status     INTEGER NOT NULL,
    response   TEXT NOT NULL CHECK (json_valid(response)),
    at_ms      INTEGER NOT NULL
) STRICT;
