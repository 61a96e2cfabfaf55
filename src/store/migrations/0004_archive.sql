-- The archive: what was filed, where its papers lie, and what its sealed files must be. No key stands here, and no NIK
-- or No KK: those are searched by a digest under the office's key.

CREATE TABLE archive_cases (
    case_id          TEXT PRIMARY KEY REFERENCES cases (case_id),
    office           TEXT NOT NULL,
    year             INTEGER NOT NULL,
    number           INTEGER NOT NULL CHECK (number BETWEEN 1 AND 999999),
    rack             INTEGER NOT NULL CHECK (rack >= 1),
    box              INTEGER NOT NULL CHECK (box >= 1),
    filed_at_ms      INTEGER NOT NULL,
    filed_by         TEXT NOT NULL,
    -- Copied from the register book and the handover, so that a row can be searched and shown by itself.
    register_year    INTEGER,
    register_number  INTEGER,
    registered_at_ms INTEGER,
    register_officer TEXT,
    collector        TEXT CHECK (collector IN ('applicant', 'proxy')),
    -- Which of the office's keys wraps the key of this case: a fingerprint.
    office_key       TEXT NOT NULL,
    state            TEXT NOT NULL CHECK (state IN ('kept', 'condemned', 'destroyed')),
    rule             TEXT,
    destroyed_at_ms  INTEGER,
    -- The unsealed scans have been removed.
    scans_released   INTEGER NOT NULL DEFAULT 0 CHECK (scans_released IN (0, 1)),
    UNIQUE (office, year, number),
    CHECK ((state = 'kept') = (rule IS NULL)),
    CHECK ((state = 'destroyed') = (destroyed_at_ms IS NOT NULL)),
    CHECK ((register_year IS NULL) = (register_number IS NULL)
        AND (register_year IS NULL) = (registered_at_ms IS NULL)
        AND (register_year IS NULL) = (register_officer IS NULL))
) STRICT;
CREATE INDEX archive_registered ON archive_cases (office, registered_at_ms) WHERE registered_at_ms IS NOT NULL;
CREATE INDEX archive_boxes ON archive_cases (office, year, rack, box);
CREATE INDEX archive_keys ON archive_cases (office, state, office_key);
CREATE INDEX archive_unreleased ON archive_cases (office) WHERE scans_released = 0;

CREATE TABLE archive_documents (
    document_id     TEXT PRIMARY KEY REFERENCES documents (document_id),
    office          TEXT NOT NULL,
    case_id         TEXT NOT NULL REFERENCES archive_cases (case_id),
    ordinal         INTEGER NOT NULL,
    kind            TEXT NOT NULL,
    replaced        INTEGER NOT NULL CHECK (replaced IN (0, 1)),
    original_sha256 TEXT NOT NULL CHECK (length(original_sha256) = 64),
    original_bytes  INTEGER NOT NULL,
    original_type   TEXT NOT NULL,
    pdf_sha256      TEXT NOT NULL CHECK (length(pdf_sha256) = 64),
    pdf_bytes       INTEGER NOT NULL,
    -- Where in the PDF the picture of its first page lies, and how it is coded.
    picture_at      INTEGER NOT NULL,
    picture_bytes   INTEGER NOT NULL,
    picture_coding  TEXT NOT NULL,
    pages           INTEGER NOT NULL CHECK (pages >= 1),
    dpi             INTEGER NOT NULL,
    device          TEXT,
    kiosk           TEXT NOT NULL,
    scanned_at_ms   INTEGER NOT NULL,
    UNIQUE (case_id, ordinal)
) STRICT;

CREATE TABLE archive_search (
    office  TEXT NOT NULL,
    what    TEXT NOT NULL CHECK (what IN ('nik', 'no_kk')),
    digest  TEXT NOT NULL CHECK (length(digest) = 64),
    case_id TEXT NOT NULL REFERENCES archive_cases (case_id),
    PRIMARY KEY (office, what, digest, case_id)
) STRICT;
CREATE INDEX archive_search_case ON archive_search (case_id);
-- Before a scan is removed: whether another document has the same bytes.
CREATE INDEX documents_sha256 ON documents (sha256) WHERE sha256 IS NOT NULL;
