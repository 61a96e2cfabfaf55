-- Cases are found by the number that somebody at the counter holds; notes stick to them; people are reminded of a KK.

CREATE INDEX cases_applicant ON cases (office, applicant);
CREATE INDEX cases_proxy ON cases (office, proxy) WHERE proxy IS NOT NULL;
CREATE INDEX cases_no_kk ON cases (office, no_kk) WHERE no_kk IS NOT NULL;

-- Free text without personal data, as in cases.return_note. It goes when its archived case is to be destroyed.
CREATE TABLE case_notes (
    case_id TEXT NOT NULL REFERENCES cases (case_id),
    ordinal INTEGER NOT NULL CHECK (ordinal >= 1),
    office  TEXT NOT NULL,
    at_ms   INTEGER NOT NULL,
    officer TEXT NOT NULL,
    text    TEXT NOT NULL,
    PRIMARY KEY (case_id, ordinal)
) STRICT;

CREATE TABLE case_reminders (
    case_id TEXT NOT NULL REFERENCES cases (case_id),
    ordinal INTEGER NOT NULL CHECK (ordinal >= 1),
    office  TEXT NOT NULL,
    at_ms   INTEGER NOT NULL,
    officer TEXT NOT NULL,
    way     TEXT NOT NULL CHECK (way IN ('telepon', 'pesan', 'lainnya')),
    PRIMARY KEY (case_id, ordinal)
) STRICT;
