#include <string.h>

#include "catalog/sqlite_handle.h"

static const char other_word[] = "other";
enum { KIND_OTHER = KIND_LIMIT - 1 };

/* Words are added and never changed, so a known word stays right. */
static bool load(struct catalog *catalog, struct error *err)
{
        sqlite3_stmt *list;
        bool row;
        if (!statement_get(catalog, KIND_LIST, &list, err))
                return false;
        for (;;) {
                if (!statement_step(catalog, list, &row, err))
                        return false;
                if (!row)
                        break;
                int bit = sqlite3_column_int(list, 0);
                if (bit < KIND_STANDARD || bit >= KIND_LIMIT || catalog->kind_words[bit] != NULL)
                        continue;
                const char *word = (const char *)sqlite3_column_text(list, 1);
                catalog->kind_words[bit] =
                        keep_string(catalog, word, (size_t)sqlite3_column_bytes(list, 1));
        }
        catalog->kinds_loaded = true;
        return true;
}

static const char *word_of(const struct catalog *catalog, int bit)
{
        if (bit < 0 || bit >= KIND_LIMIT)
                return NULL;
        return bit < KIND_STANDARD ? kind_word((enum kind)bit) : catalog->kind_words[bit];
}

const char *catalog_kind_word(struct catalog *catalog, int bit)
{
        const char *word = word_of(catalog, bit);
        struct error ignored;
        if (word == NULL && bit >= KIND_STANDARD && bit < KIND_LIMIT && load(catalog, &ignored))
                word = word_of(catalog, bit);
        return word;
}

static int bit_of(const struct catalog *catalog, const char *word, size_t length)
{
        int bit = kind_of_word(word, (unsigned)length);
        for (int i = KIND_FIRST_FREE; bit < 0 && i < KIND_LIMIT; i++) {
                const char *known = catalog->kind_words[i];
                if (known != NULL && strlen(known) == length && memcmp(known, word, length) == 0)
                        bit = i;
        }
        return bit;
}

int catalog_kind_bit(struct catalog *catalog, const char *word)
{
        int bit = bit_of(catalog, word, strlen(word));
        struct error ignored;
        if (bit < 0 && load(catalog, &ignored))
                bit = bit_of(catalog, word, strlen(word));
        return bit;
}

static bool insert_word(struct catalog *catalog, int bit, const char *word, size_t length,
                        struct error *err)
{
        sqlite3_stmt *insert;
        const char *kept = keep_string(catalog, word, length);
        if (kept == NULL)
                return error_sys(err, "catalog");
        if (!statement_get(catalog, KIND_INSERT, &insert, err))
                return false;
        BIND(insert, bit);
        statement_bind_text(insert, 2, kept);
        if (!statement_run(catalog, insert, err))
                return false;
        catalog->kind_words[bit] = kept;
        return true;
}

static bool add_word(struct catalog *catalog, const char *word, size_t length, uint64_t *kinds,
                     struct error *err)
{
        int bit = bit_of(catalog, word, length);
        if (bit < 0) {
                bit = KIND_FIRST_FREE;
                while (bit < KIND_OTHER && catalog->kind_words[bit] != NULL)
                        bit++;
                if (bit == KIND_OTHER) {
                        word = other_word;
                        length = sizeof other_word - 1;
                }
                if (catalog->kind_words[bit] == NULL &&
                    !insert_word(catalog, bit, word, length, err))
                        return false;
        }
        *kinds |= UINT64_C(1) << bit;
        return true;
}

static bool add_words(struct catalog *catalog, const struct facts *facts, uint64_t *kinds,
                      struct error *err)
{
        if (!catalog->kinds_loaded && !load(catalog, err))
                return false;
        const char *at = facts->words;
        const char *end = at + strnlen(facts->words, sizeof facts->words);
        while (at < end) {
                const char *stop = memchr(at, '\n', (size_t)(end - at));
                if (stop == NULL)
                        stop = end;
                if (stop > at && !add_word(catalog, at, (size_t)(stop - at), kinds, err))
                        return false;
                at = stop + 1;
        }
        return true;
}

bool catalog_kinds_of(struct catalog *catalog, const struct facts *facts, uint64_t *kinds_out,
                      struct error *err)
{
        uint64_t kinds = facts->kinds;
        if (facts->words[0] != '\0') {
                bool own;
                if (!write_enter(catalog, &own, err))
                        return false;
                bool ok = add_words(catalog, facts, &kinds, err);
                if (!write_leave(catalog, own, ok, err))
                        return false;
        }
        *kinds_out = kinds;
        return true;
}
