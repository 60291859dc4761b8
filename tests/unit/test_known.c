#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "app/pending.h"
#include "receive/fingerprint.h"

/* ---- fingerprints ---- */

static uint64_t fingerprint_of(struct entry_facts *entries, size_t count, unsigned *seed)
{
        uint64_t sum = 0;
        for (size_t left = count; left > 0; left--) {
                size_t pick = (size_t)rand_r(seed) % left;
                struct entry_facts entry = entries[pick];
                entries[pick] = entries[left - 1];
                entries[left - 1] = entry;
                sum += fingerprint_share(&entry);
        }
        return fingerprint_of_sum(sum, count);
}

static void a_fingerprint_knows_each_fact_and_no_order(void **state)
{
        (void)state;
        enum { ENTRIES = 200 };
        static char names[ENTRIES][16];
        static struct entry_facts entries[ENTRIES];
        unsigned seed = 1;
        for (int i = 0; i < ENTRIES; i++) {
                snprintf(names[i], sizeof names[i], "%d.jpg", i);
                entries[i] = (struct entry_facts){names[i], 1000 + i, 5000 + i, i, (uint64_t)i + 1};
        }
        uint64_t whole = fingerprint_of(entries, ENTRIES, &seed);
        for (int round = 0; round < 50; round++)
                assert_true(fingerprint_of(entries, ENTRIES, &seed) == whole);
        for (int i = 0; i < ENTRIES; i++) {
                struct entry_facts kept = entries[i];
                entries[i].bytes++;
                assert_true(fingerprint_of(entries, ENTRIES, &seed) != whole);
                for (int j = 0; j < ENTRIES; j++) {
                        if (entries[j].name == kept.name)
                                entries[j] = kept;
                }
        }
        entries[7].modified_ns++;
        assert_true(fingerprint_of(entries, ENTRIES, &seed) != whole);
        assert_true(fingerprint_of(entries, ENTRIES - 1, &seed) != whole);
        assert_true(fingerprint_of(entries, 0, &seed) != 0);
}

static void files_that_differ_in_anything_hash_differently(void **state)
{
        (void)state;
        uint64_t hash = file_hash("a.jpg", 10, (struct utc){20});
        assert_true(hash != file_hash("b.jpg", 10, (struct utc){20}));
        assert_true(hash != file_hash("a.jpg", 11, (struct utc){20}));
        assert_true(hash != file_hash("a.jpg", 10, (struct utc){21}));
        assert_true(hash != file_hash("a.jpg", 20, (struct utc){10}));
        assert_true(hash == file_hash("a.jpg", 10, (struct utc){20}));
}

/* ---- pending files, against an array ---- */

enum { PATHS = 300 };

struct looked {
        int seen[PATHS];
        int64_t now;
        bool take;
};

static bool look(void *context, struct pending_file *file)
{
        struct looked *looked = context;
        int number = -1;
        assert_int_equal(sscanf(file->path, "/folder/%d", &number), 1); /* NOLINT(cert-err34-c) */
        assert_true(file->due.ns <= looked->now);
        looked->seen[number]++;
        return looked->take;
}

static void each_pending_file_comes_once_when_it_is_due(void **state)
{
        (void)state;
        struct pending pending = {0};
        int64_t due[PATHS];
        bool new = false;
        for (int i = 0; i < PATHS; i++)
                due[i] = -1;
        unsigned seed = 9;
        for (int step = 0; step < 20000; step++) {
                int number = rand_r(&seed) % PATHS;
                if (step % 50 != 0) {
                        char name[16];
                        snprintf(name, sizeof name, "%d", number);
                        struct pending_file *file = pending_note(&pending, "/folder", name, &new);
                        assert_non_null(file);
                        assert_int_equal(new, due[number] < 0);
                        due[number] = rand_r(&seed) % 1000;
                        file->due.ns = due[number];
                        continue;
                }
                struct looked looked = {.now = rand_r(&seed) % 1200, .take = step % 100 == 0};
                int64_t next = INT64_MAX;
                struct mono told =
                        pending_visit(&pending, (struct mono){looked.now}, look, &looked);
                for (int i = 0; i < PATHS; i++) {
                        bool is_due = due[i] >= 0 && due[i] <= looked.now;
                        assert_int_equal(looked.seen[i], is_due);
                        if (is_due && looked.take)
                                due[i] = -1;
                        if (due[i] >= 0 && due[i] < next)
                                next = due[i];
                }
                assert_true(told.ns == next);
        }
        pending_finish(&pending);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(a_fingerprint_knows_each_fact_and_no_order),
                cmocka_unit_test(files_that_differ_in_anything_hash_differently),
                cmocka_unit_test(each_pending_file_comes_once_when_it_is_due),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
