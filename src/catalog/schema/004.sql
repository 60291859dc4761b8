-- Adds only.

-- Hours of a camera, days of them, and stretches of 32 days, added up from runs and activity some
-- time after they were written.
CREATE TABLE blocks (
  camera        INTEGER NOT NULL,
  level         INTEGER NOT NULL, -- 0 an hour, 1 a day, 2 32 days; all UTC
  number        INTEGER NOT NULL, -- of such since 1970
  frames        INTEGER NOT NULL, -- -1: it has changed since, nothing else holds
  motion_frames INTEGER NOT NULL,
  bytes         INTEGER NOT NULL,
  minutes       INTEGER NOT NULL, -- with frames
  start         INTEGER NOT NULL, -- of its first frame, since the block's begin
  length        INTEGER NOT NULL, -- from there to its last
  traits        INTEGER NOT NULL, -- kinds and windows of all its frames; nothing else is set
  cover_after   INTEGER NOT NULL, -- the cover's time less that of the first frame
  cover         INTEGER NOT NULL, -- its tie << 2 | rank
  longest_gap   INTEGER NOT NULL, -- between two runs
  peak_length   INTEGER NOT NULL, -- nothing joined over gaps of up to ten seconds is longer,
  peak_frames   INTEGER NOT NULL, -- or has more frames
  gaps          BLOB    NOT NULL, -- (class of length, number of gaps) as LEB128 pairs
  windows       BLOB    NOT NULL, -- as in activity
  PRIMARY KEY (camera, level, number)
) STRICT, WITHOUT ROWID;
-- Those that have changed.
CREATE INDEX blocks_stale ON blocks (camera, level, number) WHERE frames < 0;

-- Up to which hour since 1970 all of a camera is in blocks.
CREATE TABLE folded (
  camera INTEGER PRIMARY KEY,
  until  INTEGER NOT NULL -- exclusive
) STRICT;
