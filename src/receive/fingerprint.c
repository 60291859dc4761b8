#include "receive/fingerprint.h"

#include <string.h>

/* A multiplication whose high half is folded in mixes all bits of both (as in wyhash). */
static uint64_t mix(uint64_t a, uint64_t b)
{
        __extension__ typedef unsigned __int128 wide;
        wide product = (wide)a * b;
        return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static const uint64_t first_odd = UINT64_C(0x9e3779b97f4a7c15);
static const uint64_t second_odd = UINT64_C(0xe7037ed1a0b428db);

static uint64_t load(const unsigned char *bytes, size_t length)
{
        uint64_t word = 0;
        memcpy(&word, bytes, length);
        return word;
}

uint64_t hash_bytes(const void *bytes, size_t length, uint64_t seed)
{
        const unsigned char *at = bytes;
        uint64_t hash = seed ^ mix(length ^ first_odd, second_odd);
        for (size_t left = length; left > 0;) {
                size_t step = left < 8 ? left : 8;
                hash = mix(hash ^ load(at, step) ^ first_odd, second_odd ^ left);
                at += step;
                left -= step;
        }
        return mix(hash ^ second_odd, first_odd);
}

uint64_t fingerprint_share(const struct entry_facts *entry)
{
        uint64_t hash = hash_bytes(entry->name, strlen(entry->name), 0);
        hash = mix(hash ^ (uint64_t)entry->bytes, first_odd ^ entry->inode);
        hash = mix(hash ^ (uint64_t)entry->modified_s, second_odd ^ (uint64_t)entry->modified_ns);
        return hash;
}

uint64_t fingerprint_of_sum(uint64_t sum, uint64_t entries)
{
        uint64_t hash = mix(sum ^ first_odd, entries ^ second_odd);
        return hash != 0 ? hash : 1;
}

uint64_t file_hash(const char *name, int64_t bytes, struct utc modified)
{
        uint64_t hash = hash_bytes(name, strlen(name), (uint64_t)bytes);
        hash = mix(hash ^ (uint64_t)modified.ms, second_odd ^ (uint64_t)bytes);
        return hash != 0 ? hash : 1;
}
