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
CREATE INDEX notes_time ON notes (camera, start, end);

-- What was deleted in one go, and can come back until `until`.
CREATE TABLE deletions (
  id     INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again
  made   INTEGER NOT NULL,
  until  INTEGER NOT NULL,
  state  INTEGER NOT NULL, -- 0 can be undone, 1 being purged, 2 coming back
  frames INTEGER NOT NULL, -- that are still in `deleted`
  bytes  INTEGER NOT NULL
) STRICT;

-- Of which times of which cameras it took frames.
CREATE TABLE deletion_cameras (
  deletion INTEGER NOT NULL,
  camera   INTEGER NOT NULL,
  start    INTEGER NOT NULL,
  end      INTEGER NOT NULL,
  PRIMARY KEY (deletion, camera)
) STRICT, WITHOUT ROWID;

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
-- In the order in which they are purged: neighbours in a file are freed together.
CREATE INDEX deleted_deletion ON deleted (deletion, segment, place_offset);
CREATE UNIQUE INDEX deleted_place ON deleted (folder, name) WHERE folder IS NOT NULL;
CREATE INDEX deleted_segment ON deleted (segment, place_offset) WHERE segment IS NOT NULL;

-- Keys of frames that were purged lately, which caches may still know: not given to others.
CREATE TABLE purged (
  camera INTEGER NOT NULL,
  time   INTEGER NOT NULL,
  tie    INTEGER NOT NULL,
  at     INTEGER NOT NULL,
  PRIMARY KEY (camera, time, tie)
) STRICT, WITHOUT ROWID;
CREATE INDEX purged_at ON purged (at);

-- What was punched out of an hour file, in bytes as the file system counts them.
ALTER TABLE segments ADD COLUMN freed INTEGER NOT NULL DEFAULT 0;
-- Emptied, to be removed.
CREATE INDEX segments_empty ON segments (state) WHERE state = 3;

-- Kept up by the triggers below, so that nobody has to add up or walk.
CREATE TABLE totals (
  name  TEXT    PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO totals SELECT 'received', coalesce(sum(committed), 0) FROM segments;
CREATE TRIGGER segments_added AFTER INSERT ON segments BEGIN
  UPDATE totals SET value = value + NEW.committed - NEW.freed WHERE name = 'received';
END;
CREATE TRIGGER segments_grown AFTER UPDATE OF committed, freed ON segments BEGIN
  UPDATE totals SET value = value + NEW.committed - OLD.committed - NEW.freed + OLD.freed
  WHERE name = 'received';
END;
CREATE TRIGGER segments_removed AFTER DELETE ON segments BEGIN
  UPDATE totals SET value = value - OLD.committed + OLD.freed WHERE name = 'received';
END;

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
  id      INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again
  made    INTEGER NOT NULL,
  ended   INTEGER NOT NULL, -- when it was over in whichever way; 0: it is not
  state   INTEGER NOT NULL, -- 0 waiting, 1 running, 2 done, 3 failed, 4 cancelled
  tries   INTEGER NOT NULL, -- how often it was begun
  request TEXT    NOT NULL, -- what was asked for, as JSON
  frames  INTEGER NOT NULL, -- of it
  file    TEXT    NOT NULL, -- the name it is saved under, empty until it is there
  bytes   INTEGER NOT NULL,
  problem TEXT    NOT NULL  -- why it failed, empty otherwise
) STRICT;
CREATE INDEX exports_waiting ON exports (id) WHERE state = 0;
