-- Tickets that come with no new case: help in person, and the collection of a KK. The first has no case at all.
DROP INDEX item_kept;
ALTER TABLE item RENAME TO item_old;
ALTER TABLE scan RENAME TO scan_old;

CREATE TABLE item (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    kind         TEXT    NOT NULL CHECK (kind IN ('case', 'correction', 'walk_in', 'pickup')),
    case_id      TEXT    CHECK (case_id IS NOT NULL OR kind = 'walk_in'),
    -- Names the write: the case for a case, the request for a correction, the ticket for a ticket.
    write_id     TEXT    NOT NULL UNIQUE,
    day          TEXT    NOT NULL,
    number       TEXT    NOT NULL,
    -- The ticket as issued, without its priority; and what the hub gets, which is wiped after delivery.
    ticket       TEXT    NOT NULL,
    body         TEXT,
    -- Wiped some time after delivery. None where no slip with a code was printed.
    slip_token   TEXT,
    state        TEXT    NOT NULL CHECK (state IN ('kept', 'delivered', 'refused')),
    refused_code TEXT,
    kept_at_ms   INTEGER NOT NULL,
    done_at_ms   INTEGER,
    UNIQUE (day, number)
) STRICT;

INSERT INTO item (seq, kind, case_id, write_id, day, number, ticket, body, slip_token, state, refused_code, kept_at_ms,
    done_at_ms)
SELECT seq, kind, case_id, write_id, day, number, ticket, body, slip_token, state, refused_code, kept_at_ms, done_at_ms
FROM item_old;

CREATE TABLE scan (
    item_seq    INTEGER NOT NULL REFERENCES item (seq),
    document_id TEXT    NOT NULL,
    media_type  TEXT    NOT NULL,
    bytes       BLOB    NOT NULL,
    PRIMARY KEY (item_seq, document_id)
) STRICT, WITHOUT ROWID;

INSERT INTO scan (item_seq, document_id, media_type, bytes)
SELECT item_seq, document_id, media_type, bytes FROM scan_old;

DROP TABLE scan_old;
DROP TABLE item_old;

CREATE INDEX item_kept ON item (seq) WHERE state = 'kept';
