-- Received frames: hour files, accounts.

-- `directory` below DATA/frames is the name at creation, made unique: renaming moves no file.
ALTER TABLE cameras ADD COLUMN directory TEXT;
ALTER TABLE cameras ADD COLUMN disabled INTEGER NOT NULL DEFAULT 0;
ALTER TABLE cameras ADD COLUMN is_new INTEGER NOT NULL DEFAULT 0; -- came by itself, nobody has looked at it yet
UPDATE cameras SET directory = name;
CREATE UNIQUE INDEX cameras_directory ON cameras (directory);

CREATE TABLE segments (
  id        INTEGER PRIMARY KEY, -- given by the one receiver, growing
  camera    INTEGER NOT NULL,
  hour      INTEGER NOT NULL,    -- since 1970
  number    INTEGER NOT NULL,    -- n of HH.n.mjpeg
  committed INTEGER NOT NULL,    -- bytes whose records are in frames
  state     INTEGER NOT NULL,
  UNIQUE (camera, hour, number)
) STRICT;
CREATE INDEX segments_open ON segments (state) WHERE state = 0;

-- Where a received frame's picture begins; its length is `bytes`. Folder and name are NULL then.
ALTER TABLE frames ADD COLUMN segment INTEGER;
ALTER TABLE frames ADD COLUMN place_offset INTEGER;

CREATE TABLE accounts (
  id       INTEGER PRIMARY KEY,
  user     TEXT    UNIQUE NOT NULL,
  hash     TEXT    NOT NULL,           -- Argon2id, as libsodium writes it
  camera   INTEGER,                    -- NULL: shared by several cameras
  download INTEGER NOT NULL DEFAULT 0,
  disabled INTEGER NOT NULL DEFAULT 0,
  created  INTEGER NOT NULL
) STRICT;
