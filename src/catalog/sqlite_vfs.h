#pragma once

/*
 * How SQLite gets at its files: as its own "unix" does, but that the memory it shares between
 * processes (the index of the write-ahead log) has blocks on the disk before it is written to.
 * SQLite makes sure of one byte in 4096; where blocks are smaller, as on ext4 below half a
 * gigabyte, the first write to another would end the process with SIGBUS when the disk is full.
 * Here that is SQLITE_FULL, as any write without room (madvise(2), MADV_POPULATE_WRITE; before
 * Linux 5.14 it is as SQLite does it).
 */

/* The name for sqlite3_open_v2; NULL, which is SQLite's own, when it could not be registered. Call
 * after sqlite3_config. */
const char *sqlite_vfs_name(void);
