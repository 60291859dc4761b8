-- Times are milliseconds since 1970 UTC. Masks (kinds, windows) are 64 bits as a signed number.

CREATE TABLE cameras (
  id            INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again
  name          TEXT    NOT NULL UNIQUE,
  mac           BLOB    UNIQUE,
  model         TEXT    NOT NULL,
  zone          TEXT    NOT NULL,
  path_template TEXT    NOT NULL,
  dwell_ms      INTEGER NOT NULL,
  frames        INTEGER NOT NULL DEFAULT 0,
  motion_frames INTEGER NOT NULL DEFAULT 0,
  bytes         INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Names under which pictures still come in after the camera was given another one.
CREATE TABLE camera_aliases (
  name   TEXT    PRIMARY KEY,
  camera INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Words beyond the standard kinds, each with its bit.
CREATE TABLE kinds (
  bit  INTEGER PRIMARY KEY,
  word TEXT    NOT NULL UNIQUE
) STRICT;

-- What many frames have in common, told once: a frame costs a byte or two for all of it.
CREATE TABLE traits (
  id            INTEGER PRIMARY KEY,
  kinds         INTEGER NOT NULL,
  windows       INTEGER NOT NULL,
  trigger_role  INTEGER NOT NULL, -- -2147483648: none
  width         INTEGER NOT NULL,
  height        INTEGER NOT NULL,
  time_source   INTEGER NOT NULL,
  UNIQUE (kinds, windows, trigger_role, width, height, time_source)
) STRICT;

CREATE TABLE folders (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  path        TEXT    NOT NULL UNIQUE, -- bytes, not necessarily UTF-8
  fingerprint INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE frames (
  camera   INTEGER NOT NULL,
  time     INTEGER NOT NULL,
  tie      INTEGER NOT NULL,
  received INTEGER,          -- less the time, which makes it short; NULL: not known
  sequence INTEGER,
  traits   INTEGER NOT NULL,
  bytes    INTEGER NOT NULL,
  folder   INTEGER,
  name     TEXT,             -- bytes, not necessarily UTF-8
  PRIMARY KEY (camera, time, tie)
) STRICT, WITHOUT ROWID;

-- Finds a frame by its place, and is why no file can be counted twice.
CREATE UNIQUE INDEX frames_place ON frames (folder, name) WHERE folder IS NOT NULL;

-- Files that are no frames.
CREATE TABLE skipped (
  folder   INTEGER NOT NULL,
  name     TEXT    NOT NULL,
  bytes    INTEGER NOT NULL,
  modified INTEGER NOT NULL,
  reason   TEXT    NOT NULL,
  PRIMARY KEY (folder, name)
) STRICT, WITHOUT ROWID;

-- Frames whose files are gone.
CREATE TABLE vanished (
  folder  INTEGER NOT NULL,
  name    TEXT    NOT NULL,
  camera  INTEGER NOT NULL,
  time    INTEGER NOT NULL,
  tie     INTEGER NOT NULL,
  traits  INTEGER NOT NULL,
  bytes   INTEGER NOT NULL,
  noticed INTEGER NOT NULL,
  PRIMARY KEY (folder, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX vanished_key ON vanished (camera, time, tie);

-- Frames with gaps of at most a second, cut at UTC hours. Kept exact with every change of frames.
CREATE TABLE runs (
  camera        INTEGER NOT NULL,
  start         INTEGER NOT NULL,
  length        INTEGER NOT NULL, -- end - start
  frames        INTEGER NOT NULL,
  motion_frames INTEGER NOT NULL,
  bytes         INTEGER NOT NULL,
  traits        INTEGER NOT NULL, -- kinds and windows of all its frames; nothing else is set
  cover         INTEGER NOT NULL, -- tie << 24 | (its time - start) << 2 | rank
  PRIMARY KEY (camera, start)
) STRICT, WITHOUT ROWID;

-- Frames of each minute that has any.
CREATE TABLE activity (
  camera        INTEGER NOT NULL,
  minute        INTEGER NOT NULL, -- since 1970
  frames        INTEGER NOT NULL,
  motion_frames INTEGER NOT NULL,
  bytes         INTEGER NOT NULL,
  windows       BLOB    NOT NULL, -- (window, number of frames) as LEB128 pairs, by window
  PRIMARY KEY (camera, minute)
) STRICT, WITHOUT ROWID;
