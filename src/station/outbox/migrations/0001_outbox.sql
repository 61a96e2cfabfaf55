-- One kiosk's own file: the numbers it has issued, and what is still to be delivered to the hub.
PRAGMA application_id = 1095649867;

-- The last number of each business day and series. Rows are never deleted: a clock that jumps back to an earlier day
-- goes on with that day's numbers.
CREATE TABLE issued (
    day         TEXT    NOT NULL,
    series      TEXT    NOT NULL,
    last_number INTEGER NOT NULL CHECK (last_number BETWEEN 1 AND 9999),
    PRIMARY KEY (day, series)
) STRICT, WITHOUT ROWID;

CREATE TABLE item (
    seq          INTEGER PRIMARY KEY AUTOINCREMENT,
    kind         TEXT    NOT NULL CHECK (kind IN ('case', 'correction')),
    case_id      TEXT    NOT NULL,
    -- Names the write: the case for a case, the request for a correction.
    write_id     TEXT    NOT NULL UNIQUE,
    day          TEXT    NOT NULL,
    number       TEXT    NOT NULL,
    -- The ticket as issued, and the submission or correction; the latter is wiped after delivery.
    ticket       TEXT    NOT NULL,
    body         TEXT,
    -- Wiped some time after delivery.
    slip_token   TEXT,
    state        TEXT    NOT NULL CHECK (state IN ('kept', 'delivered', 'refused')),
    refused_code TEXT,
    kept_at_ms   INTEGER NOT NULL,
    done_at_ms   INTEGER,
    UNIQUE (day, number)
) STRICT;

CREATE INDEX item_kept ON item (seq) WHERE state = 'kept';

CREATE TABLE scan (
    item_seq    INTEGER NOT NULL REFERENCES item (seq),
    document_id TEXT    NOT NULL,
    media_type  TEXT    NOT NULL,
    bytes       BLOB    NOT NULL,
    PRIMARY KEY (item_seq, document_id)
) STRICT, WITHOUT ROWID;

-- One row that a probe rewrites, to learn whether the disk takes a write.
CREATE TABLE probe (id INTEGER PRIMARY KEY CHECK (id = 1), writes INTEGER NOT NULL) STRICT;
