#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/utc.h"

/*
 * Hashes by which folders and files are recognised without keeping their names. Pure; the results
 * are stored in catalogs, so the functions never change. Not meant to withstand an attacker: who
 * can choose names in a folder can only hide his own files.
 */
uint64_t hash_bytes(const void *bytes, size_t length, uint64_t seed) __attribute__((pure));

/* One file of a folder, as the listing and its inode say. */
struct entry_facts {
        const char *name;
        int64_t bytes;
        int64_t modified_s;
        int64_t modified_ns;
        uint64_t inode;
};

/* The share of an entry in its folder's fingerprint: the sum of the shares of all entries, in any
 * order. */
uint64_t fingerprint_share(const struct entry_facts *entry);

/* A sum as a fingerprint: never 0, which means "look again". */
uint64_t fingerprint_of_sum(uint64_t sum, uint64_t entries);

/* What tells a known file that did not change; never 0. */
uint64_t file_hash(const char *name, int64_t bytes, struct utc modified);
