-- What people say of stretches of time, deletions that can be undone, motion windows, exports.

-- Stretches, both ends inclusive, which of one camera and kind neither overlap nor touch: a mark
-- stays with its time, whatever the dwell that cuts events out of it.
CREATE TABLE marks (
  camera INTEGER NOT NULL,
  kind   INTEGER NOT NULL, -- 1 reviewed, 2 pinned
  start  INTEGER NOT NULL,
  end    INTEGER NOT NULL,
  PRIMARY KEY (camera, kind, start)
) STRICT, WITHOUT ROWID;

CREATE TABLE notes (
  id      INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again
  camera  INTEGER NOT NULL,
  start   INTEGER NOT NULL,
  end     INTEGER NOT NULL,
  text    TEXT    NOT NULL,
  changed INTEGER NOT NULL
) STRICT;
CREATE INDEX notes_time ON notes (camera, start);

-- What was deleted in one go, and can come back until `until`.
CREATE TABLE deletions (
  id     INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again
  made   INTEGER NOT NULL,
  until  INTEGER NOT NULL,
  state  INTEGER NOT NULL, -- 0 can be undone, 1 being purged
  frames INTEGER NOT NULL,
  bytes  INTEGER NOT NULL
) STRICT;

-- Its frames, as they were in `frames`.
CREATE TABLE deleted (
  deletion     INTEGER NOT NULL,
  camera       INTEGER NOT NULL,
  time         INTEGER NOT NULL,
  tie          INTEGER NOT NULL,
  received     INTEGER,
  sequence     INTEGER,
  traits       INTEGER NOT NULL,
  bytes        INTEGER NOT NULL,
  folder       INTEGER,
  name         TEXT,
  segment      INTEGER,
  place_offset INTEGER,
  PRIMARY KEY (camera, time, tie)
) STRICT, WITHOUT ROWID;
CREATE INDEX deleted_deletion ON deleted (deletion);
CREATE UNIQUE INDEX deleted_place ON deleted (folder, name) WHERE folder IS NOT NULL;
CREATE INDEX deleted_segment ON deleted (segment) WHERE segment IS NOT NULL;

-- Rectangles of a camera's motion windows, in hundred-thousandths of the picture's width and height.
CREATE TABLE camera_windows (
  camera INTEGER NOT NULL,
  number INTEGER NOT NULL, -- 1..64
  name   TEXT    NOT NULL,
  x      INTEGER NOT NULL,
  y      INTEGER NOT NULL,
  width  INTEGER NOT NULL,
  height INTEGER NOT NULL,
  PRIMARY KEY (camera, number)
) STRICT, WITHOUT ROWID;

-- Exports made in the background; the file lies in DATA/exports.
CREATE TABLE exports (
  id       INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again
  made     INTEGER NOT NULL,
  state    INTEGER NOT NULL,
  request  TEXT    NOT NULL, -- what was asked for, as JSON
  file     TEXT    NOT NULL, -- its name, empty until it is there
  bytes    INTEGER NOT NULL,
  problem  TEXT    NOT NULL  -- why it failed, empty otherwise
) STRICT;
