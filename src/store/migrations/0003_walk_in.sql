-- A phone number with a case; tickets with a priority, and tickets without a case: somebody who wants help in person.

ALTER TABLE cases ADD COLUMN phone TEXT;

CREATE TABLE tickets_new (
    ticket_id    TEXT PRIMARY KEY,
    office       TEXT NOT NULL,
    day          TEXT NOT NULL,
    queue        TEXT NOT NULL CHECK (queue IN ('verification', 'pickup')),
    series       TEXT NOT NULL,
    number       INTEGER NOT NULL CHECK (number BETWEEN 1 AND 9999),
    case_id      TEXT REFERENCES cases (case_id),
    state        TEXT NOT NULL CHECK (state IN ('waiting', 'called', 'serving', 'done', 'no_show')),
    since_ms     INTEGER NOT NULL,
    entered_seq  INTEGER NOT NULL REFERENCES journal (seq),
    counter      TEXT,
    call_serial  INTEGER,
    priority     TEXT CHECK (priority IN ('elderly', 'disability', 'pregnant', 'toddler', 'ill')),
    -- When it was called for the first time: the pace of the day. Not known of tickets from before this column.
    called_at_ms INTEGER,
    -- Nobody collects a KK without a case.
    CHECK (case_id IS NOT NULL OR queue = 'verification'),
    UNIQUE (office, day, queue, series, number)
) STRICT;

INSERT INTO tickets_new (ticket_id, office, day, queue, series, number, case_id, state, since_ms, entered_seq, counter,
    call_serial)
SELECT ticket_id, office, day, queue, series, number, case_id, state, since_ms, entered_seq, counter, call_serial
FROM tickets;

DROP TABLE tickets;
ALTER TABLE tickets_new RENAME TO tickets;

CREATE INDEX tickets_queue ON tickets (office, day, queue, state, entered_seq);
CREATE INDEX tickets_case ON tickets (case_id, day);
CREATE INDEX tickets_call ON tickets (office, call_serial) WHERE call_serial IS NOT NULL;
CREATE INDEX tickets_pace ON tickets (office, day, queue, called_at_ms) WHERE called_at_ms IS NOT NULL;
