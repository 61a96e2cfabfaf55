-- The hall: tickets that are laid aside or outlive their day, how often they were called and by whom; counters with what
-- they may serve; queues that are closed; the line of text on the boards.

CREATE TABLE tickets_new (
    ticket_id     TEXT PRIMARY KEY,
    office        TEXT NOT NULL,
    day           TEXT NOT NULL,
    queue         TEXT NOT NULL CHECK (queue IN ('verification', 'pickup')),
    series        TEXT NOT NULL,
    number        INTEGER NOT NULL CHECK (number BETWEEN 1 AND 9999),
    case_id       TEXT REFERENCES cases (case_id),
    state         TEXT NOT NULL
        CHECK (state IN ('waiting', 'called', 'serving', 'done', 'no_show', 'held', 'expired')),
    since_ms      INTEGER NOT NULL,
    entered_seq   INTEGER NOT NULL REFERENCES journal (seq),
    counter       TEXT,
    call_serial   INTEGER,
    priority      TEXT CHECK (priority IN ('elderly', 'disability', 'pregnant', 'toddler', 'ill')),
    -- When it was called for the first time: the pace of the day. Not known of tickets from before this column.
    called_at_ms  INTEGER,
    version       INTEGER NOT NULL DEFAULT 1 CHECK (version >= 1),
    -- Calls and recalls since it last entered a queue.
    calls         INTEGER NOT NULL DEFAULT 0 CHECK (calls >= 0),
    -- Login of whoever called it.
    officer       TEXT,
    -- It comes back to a queue through no fault of its holder.
    comes_back    INTEGER NOT NULL DEFAULT 0 CHECK (comes_back IN (0, 1)),
    -- The only counter that may call it.
    aimed_at      TEXT,
    -- When its counter last did something with it.
    touched_at_ms INTEGER,
    -- When its counter was found silent.
    lost_at_ms    INTEGER,
    -- Nobody collects a KK without a case.
    CHECK (case_id IS NOT NULL OR queue = 'verification'),
    UNIQUE (office, day, queue, series, number)
) STRICT;

INSERT INTO tickets_new (ticket_id, office, day, queue, series, number, case_id, state, since_ms, entered_seq, counter,
    call_serial, priority, called_at_ms, calls)
SELECT ticket_id, office, day, queue, series, number, case_id, state, since_ms, entered_seq, counter, call_serial,
    priority, called_at_ms, call_serial IS NOT NULL
FROM tickets;

DROP TABLE tickets;
ALTER TABLE tickets_new RENAME TO tickets;

-- Only what is open is indexed by state: a million old tickets make no call and no new ticket slower.
CREATE INDEX tickets_waiting ON tickets (office, day, queue, entered_seq) WHERE state = 'waiting';
CREATE INDEX tickets_first ON tickets (office, day, queue, entered_seq)
    WHERE state = 'waiting' AND (priority IS NOT NULL OR comes_back = 1);
CREATE INDEX tickets_open ON tickets (office, state) WHERE state IN ('called', 'serving', 'held');
CREATE INDEX tickets_missed ON tickets (office, day) WHERE state IN ('no_show', 'expired');
CREATE INDEX tickets_case ON tickets (case_id, day) WHERE case_id IS NOT NULL;
CREATE INDEX tickets_call ON tickets (office, call_serial) WHERE call_serial IS NOT NULL;
CREATE INDEX tickets_pace ON tickets (office, day, queue, called_at_ms) WHERE called_at_ms IS NOT NULL;

-- Without a row a queue is open.
CREATE TABLE hall_queues (
    office  TEXT NOT NULL,
    queue   TEXT NOT NULL CHECK (queue IN ('verification', 'pickup')),
    open    INTEGER NOT NULL CHECK (open IN (0, 1)),
    version INTEGER NOT NULL CHECK (version >= 1),
    PRIMARY KEY (office, queue)
) STRICT;

-- Whether the latest call of a queue went first, by the order of calls and no clock.
CREATE TABLE hall_turns (
    office     TEXT NOT NULL,
    queue      TEXT NOT NULL CHECK (queue IN ('verification', 'pickup')),
    day        TEXT NOT NULL,
    went_first INTEGER NOT NULL CHECK (went_first IN (0, 1)),
    PRIMARY KEY (office, queue)
) STRICT;

-- Without a row a counter is open and serves every queue.
CREATE TABLE hall_desks (
    office   TEXT NOT NULL,
    counter  TEXT NOT NULL,
    state    TEXT NOT NULL CHECK (state IN ('open', 'break', 'closed')),
    skills   TEXT NOT NULL,
    officer  TEXT,
    since_ms INTEGER NOT NULL,
    version  INTEGER NOT NULL CHECK (version >= 1),
    PRIMARY KEY (office, counter)
) STRICT;

-- Where a supervisor has sent an officer, for one day.
CREATE TABLE hall_posts (
    office  TEXT NOT NULL,
    officer TEXT NOT NULL,
    day     TEXT NOT NULL,
    counter TEXT NOT NULL,
    PRIMARY KEY (office, officer)
) STRICT;

CREATE TABLE hall_notice (
    office  TEXT PRIMARY KEY,
    text    TEXT,
    version INTEGER NOT NULL CHECK (version >= 1)
) STRICT;

-- How often somebody queued on a day: a keyed digest of day and NIK, forgotten when the day is over.
CREATE TABLE ticket_holders (
    office    TEXT NOT NULL,
    day       TEXT NOT NULL,
    digest    TEXT NOT NULL CHECK (length(digest) = 64),
    ticket_id TEXT NOT NULL,
    PRIMARY KEY (office, day, digest, ticket_id)
) STRICT;
