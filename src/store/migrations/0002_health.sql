-- How stations and their devices are: the present state, and one row for each fault so that the journal gets one pair.

CREATE TABLE station_reports (
    office     TEXT NOT NULL,
    station    TEXT NOT NULL,
    seen_at_ms INTEGER NOT NULL,
    PRIMARY KEY (office, station),
    FOREIGN KEY (office, station) REFERENCES stations (office, name)
) STRICT;

-- Times in since_ms, began_at_ms and ended_at_ms are by the station's clock.
CREATE TABLE station_devices (
    office     TEXT NOT NULL,
    station    TEXT NOT NULL,
    ordinal    INTEGER NOT NULL,
    device     TEXT NOT NULL,
    health     TEXT NOT NULL,
    since_ms   INTEGER NOT NULL,
    slips_left INTEGER,
    simulated  INTEGER NOT NULL CHECK (simulated IN (0, 1)),
    PRIMARY KEY (office, station, ordinal),
    FOREIGN KEY (office, station) REFERENCES station_reports (office, station) ON DELETE CASCADE
) STRICT;

CREATE TABLE device_faults (
    fault_id    TEXT PRIMARY KEY,
    office      TEXT NOT NULL,
    station     TEXT NOT NULL,
    device      TEXT NOT NULL,
    health      TEXT NOT NULL,
    began_at_ms INTEGER NOT NULL,
    ended_at_ms INTEGER,
    noted_at_ms INTEGER NOT NULL
) STRICT;
