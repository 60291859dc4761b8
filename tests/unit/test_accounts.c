/* Logins: who gets in, what is hashed, and who has to wait. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "app/accounts.h"
#include "app/login_line.h"
#include "catalog/catalog.h"
#include "catalog_model.h"

enum { TICKETS = 8192, USERS = 1000, TOGETHER = 3000 };

static char directory[64];

struct world {
        struct accounts *accounts;
        pthread_mutex_t lock;
        pthread_cond_t changed;
        bool answered[TICKETS];
        enum ftp_login results[TICKETS];
        int64_t numbers[TICKETS];
        size_t count;
        int64_t ended;
};

static void must(bool ok, const struct error *err)
{
        if (ok)
                return;
        fprintf(stderr, "failed: %s\n", err->text);
        abort();
}

static void take_answer(void *context, struct ftp_ticket ticket, enum ftp_login result,
                        const struct ftp_account *account)
{
        struct world *world = context;
        pthread_mutex_lock(&world->lock);
        assert_false(world->answered[ticket.slot]);
        world->answered[ticket.slot] = true;
        world->results[ticket.slot] = result;
        world->numbers[ticket.slot] = account != NULL ? account->number : 0;
        world->count++;
        pthread_cond_broadcast(&world->changed);
        pthread_mutex_unlock(&world->lock);
}

static void take_ended(void *context, int64_t account)
{
        struct world *world = context;
        world->ended = account;
}

static void change(bool (*what)(struct catalog *, struct error *))
{
        struct catalog *catalog = NULL;
        struct error err = {0};
        must(catalog_open(directory, CATALOG_WRITE, &catalog, &err), &err);
        must(what(catalog, &err), &err);
        catalog_close(&catalog);
}

/* "user0" .. with the password "right", which costs next to nothing to hash, as there are many;
 * "off" is disabled. */
static bool add_users(struct catalog *catalog, struct error *err)
{
        struct account account = {0};
        assert_int_equal(crypto_pwhash_str(account.hash, "right", 5, crypto_pwhash_OPSLIMIT_MIN,
                                           crypto_pwhash_MEMLIMIT_MIN),
                         0);
        must(catalog_begin(catalog, err), err);
        for (int i = 0; i < USERS; i++) {
                snprintf(account.user, sizeof account.user, "user%d", i);
                must(catalog_account_add(catalog, &account, err), err);
        }
        must(catalog_commit(catalog, err), err);
        must(password_hash("right", account.hash, err), err);
        snprintf(account.user, sizeof account.user, "off");
        account.disabled = true;
        return catalog_account_add(catalog, &account, err);
}

static int set_up(void **state)
{
        static struct world world;
        struct error err = {0};
        temporary_make(directory);
        change(add_users);
        world = (struct world){0};
        pthread_mutex_init(&world.lock, NULL);
        pthread_cond_init(&world.changed, NULL);
        struct accounts_config config = {
                .data_directory = directory,
                .answer = take_answer,
                .ended = take_ended,
                .context = &world,
        };
        must(accounts_start(&config, &world.accounts, &err), &err);
        *state = &world;
        return 0;
}

static int tear_down(void **state)
{
        struct world *world = *state;
        accounts_stop(&world->accounts);
        pthread_cond_destroy(&world->changed);
        pthread_mutex_destroy(&world->lock);
        temporary_remove(directory);
        return 0;
}

static void log_in(struct world *world, uint32_t ticket, const char *user, const char *password,
                   const char *peer)
{
        accounts_login(world->accounts, (struct ftp_ticket){ticket, 1}, user, password, peer);
}

/* Until so many were answered; false after `ms`. */
static bool wait_for(struct world *world, size_t count, int ms)
{
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        int64_t ns = until.tv_nsec + ms * INT64_C(1000000);
        until.tv_sec += ns / 1000000000;
        until.tv_nsec = ns % 1000000000;
        int woken = 0;
        pthread_mutex_lock(&world->lock);
        while (world->count < count && woken == 0)
                woken = pthread_cond_timedwait(&world->changed, &world->lock, &until);
        bool done = world->count >= count;
        pthread_mutex_unlock(&world->lock);
        return done;
}

/* Of one login. */
static enum ftp_login result_of(struct world *world, const char *user, const char *password,
                                const char *peer)
{
        static uint32_t ticket = TICKETS / 2;
        pthread_mutex_lock(&world->lock);
        size_t count = world->count + 1;
        ticket = TICKETS / 2 + (ticket + 1) % (TICKETS / 2);
        world->answered[ticket] = false;
        pthread_mutex_unlock(&world->lock);
        log_in(world, ticket, user, password, peer);
        assert_true(wait_for(world, count, 30000));
        return world->results[ticket];
}

static int64_t hashed(struct world *world)
{
        struct accounts_counters counters;
        accounts_counters(world->accounts, &counters);
        return counters.hashed;
}

static void who_is_let_in(void **state)
{
        struct world *world = *state;
        assert_int_equal(result_of(world, "user1", "right", "10.0.0.1"), FTP_LOGIN_GOOD);
        assert_int_equal(result_of(world, "user1", "wrong", "10.0.0.2"), FTP_LOGIN_WRONG);
        assert_int_equal(result_of(world, "nobody", "right", "10.0.0.3"), FTP_LOGIN_WRONG);
        assert_int_equal(result_of(world, "off", "right", "10.0.0.4"), FTP_LOGIN_WRONG);
        assert_int_equal(hashed(world), 4);
        /* What was found is known. */
        assert_int_equal(result_of(world, "user1", "right", "10.0.0.5"), FTP_LOGIN_GOOD);
        assert_int_equal(result_of(world, "user1", "wrong", "10.0.0.6"), FTP_LOGIN_WRONG);
        assert_int_equal(result_of(world, "off", "right", "10.0.0.7"), FTP_LOGIN_WRONG);
        assert_int_equal(hashed(world), 4);
}

static bool change_users(struct catalog *catalog, struct error *err)
{
        struct account account = {0};
        must(catalog_account_by_user(catalog, "off", &account, err), err);
        account.disabled = false;
        must(catalog_account_update(catalog, &account, err), err);
        must(catalog_account_by_user(catalog, "user1", &account, err), err);
        must(password_hash("other", account.hash, err), err);
        return catalog_account_update(catalog, &account, err);
}

static void a_change_holds_at_once(void **state)
{
        struct world *world = *state;
        struct error err = {0};
        bool any = false;
        assert_int_equal(result_of(world, "user1", "right", "10.0.0.1"), FTP_LOGIN_GOOD);
        assert_int_equal(result_of(world, "user1", "other", "10.0.0.2"), FTP_LOGIN_WRONG);
        assert_int_equal(result_of(world, "off", "right", "10.0.0.3"), FTP_LOGIN_WRONG);
        must(accounts_review(world->accounts, &any, &err), &err);
        assert_int_equal(world->ended, 0);
        change(change_users);
        must(accounts_review(world->accounts, &any, &err), &err);
        assert_int_equal(world->ended, 2);
        assert_int_equal(result_of(world, "user1", "right", "10.0.0.4"), FTP_LOGIN_WRONG);
        assert_int_equal(result_of(world, "user1", "other", "10.0.0.5"), FTP_LOGIN_GOOD);
        assert_int_equal(result_of(world, "off", "right", "10.0.0.6"), FTP_LOGIN_GOOD);
}

/* A start: all come at once, from one address, as behind a router. */
static void all_get_in_after_a_start(void **state)
{
        struct world *world = *state;
        char user[32];
        /* One is set up wrong, and comes again and again. */
        log_in(world, TOGETHER, "user0", "wrong", "10.0.0.1");
        for (uint32_t i = 0; i < TOGETHER; i++) {
                snprintf(user, sizeof user, "user%u", i % USERS);
                log_in(world, i, user, "right", "10.0.0.1");
                if (i % 100 == 0)
                        log_in(world, TOGETHER + 1 + i, "user0", "wrong", "10.0.0.1");
        }
        assert_true(wait_for(world, TOGETHER + TOGETHER / 100 + 1, 60000));
        for (int i = 0; i < TOGETHER; i++)
                assert_int_equal(world->results[i], FTP_LOGIN_GOOD);
        /* The same wait for one hash; a wrong one may be looked at again once it was forgotten. */
        assert_in_range(hashed(world), USERS + 1, USERS + 1 + TOGETHER / 100);
}

static void guesses_over_many_connections_are_as_slow_as_over_one(void **state)
{
        struct world *world = *state;
        char password[32];
        assert_int_equal(result_of(world, "user1", "right", "10.0.0.1"), FTP_LOGIN_GOOD);
        size_t before = world->count;
        for (uint32_t i = 0; i < 100; i++) {
                snprintf(password, sizeof password, "guess%u", i);
                /* One house: what follows the first 64 bits is the guesser's choice. */
                char peer[48];
                snprintf(peer, sizeof peer, "2001:db8:1:2::%x", i + 1);
                log_in(world, i, "user2", password, peer);
        }
        struct timespec pause = {1, 200000000};
        nanosleep(&pause, NULL);
        /* Two at the same time before any was wrong; then half a second, a second, ... */
        pthread_mutex_lock(&world->lock);
        assert_in_range(world->count - before, 1, 4);
        pthread_mutex_unlock(&world->lock);
        /* It is slow for nobody else, and for nobody there who was right before. */
        struct mono start = mono_now();
        assert_int_equal(result_of(world, "user3", "right", "10.0.0.9"), FTP_LOGIN_GOOD);
        assert_int_equal(result_of(world, "user4", "right", "2001:db8:1:3::1"), FTP_LOGIN_GOOD);
        assert_int_equal(result_of(world, "user1", "right", "2001:db8:1:2::1"), FTP_LOGIN_GOOD);
        assert_true(mono_now().ns - start.ns < INT64_C(10) * 1000000000);
        /* A session that is gone waits for nothing. */
        struct accounts_counters counters;
        accounts_counters(world->accounts, &counters);
        int64_t waiting = counters.waiting;
        assert_true(waiting > 90);
        for (uint32_t i = 0; i < 100; i++)
                accounts_forget(world->accounts, (struct ftp_ticket){i, 1});
        accounts_counters(world->accounts, &counters);
        assert_int_equal(counters.waiting, 0);
        /* Those that are being looked at are answered still. */
        accounts_stop(&world->accounts);
        assert_true(world->count < 100);
}

static void who_waits_at_the_end_is_told_to_come_back(void **state)
{
        struct world *world = *state;
        char user[32];
        for (uint32_t i = 0; i < USERS; i++) {
                snprintf(user, sizeof user, "nobody%u", i); /* as slow as it gets */
                log_in(world, i, user, "right", "10.0.0.1");
        }
        accounts_stop(&world->accounts);
        assert_int_equal(world->count, USERS);
        size_t later = 0;
        for (int i = 0; i < USERS; i++)
                later += world->results[i] == FTP_LOGIN_LATER;
        assert_true(later > 0);
}

/* ---- the line alone, by a clock of the test ---- */

static struct login *make(uint32_t ticket, const char *user, const char *password, const char *peer)
{
        struct login *login = calloc(1, sizeof *login);
        assert_non_null(login);
        login->ticket = (struct ftp_ticket){ticket, 1};
        snprintf((char *)login->mark, sizeof login->mark, "%.15s %.15s", user, password);
        login_peer(peer, login->peer);
        return login;
}

static struct mono at_ms(int64_t ms)
{
        return (struct mono){ms * 1000000};
}

static void end_login(struct login_line *line, struct login *login, bool right, int64_t ms,
                      size_t same_expected)
{
        struct login *same = login_line_done(line, login, right, at_ms(ms));
        free(login);
        while (same != NULL) {
                struct login *next = same->next;
                same_expected--;
                free(same);
                same = next;
        }
        assert_int_equal(same_expected, 0);
}

static void the_line_closes_for_longer_with_each_wrong_one(void **state)
{
        static struct login_line line;
        struct mono when;
        char password[32];
        (void)state;
        login_line_init(&line);
        for (uint32_t i = 0; i < 12; i++) {
                snprintf(password, sizeof password, "p%u", i);
                assert_true(login_line_put(&line, make(i, "a", password, "10.0.0.1")));
        }
        int64_t now = 1000;
        static const int64_t closed[] = {500, 1000, 2000, 4000, 8000, 16000, 16000, 16000};
        for (size_t i = 0; i < sizeof closed / sizeof closed[0]; i++) {
                struct login *login = login_line_take(&line, at_ms(now), &when);
                assert_non_null(login);
                assert_int_equal(login->ticket.slot, i); /* in order */
                if (i > 0)
                        assert_null(login_line_take(&line, at_ms(now), &when)); /* one at a time */
                end_login(&line, login, false, now, 0);
                assert_null(login_line_take(&line, at_ms(now + closed[i] - 1), &when));
                assert_int_equal(when.ns, at_ms(now + closed[i]).ns);
                now += closed[i];
        }
        /* A right one opens and closes nothing; who is elsewhere never waited. */
        struct login *login = login_line_take(&line, at_ms(now), &when);
        end_login(&line, login, true, now, 0);
        login = login_line_take(&line, at_ms(now), &when);
        assert_non_null(login);
        assert_true(login_line_put(&line, make(20, "b", "x", "10.0.0.2")));
        struct login *other = login_line_take(&line, at_ms(now), &when);
        assert_int_equal(other->ticket.slot, 20);
        end_login(&line, other, true, now, 0);
        end_login(&line, login, false, now, 0);
        /* It is forgotten. */
        login = login_line_take(&line, at_ms(now + LOGIN_FORGET_S * 1000 + 1), &when);
        assert_non_null(login);
        /* And so two may be looked at again. */
        other = login_line_take(&line, at_ms(now + LOGIN_FORGET_S * 1000 + 1), &when);
        assert_non_null(other);
        end_login(&line, login, true, now, 0);
        end_login(&line, other, true, now, 0);
        assert_int_equal(line.length, 0);
}

static void what_is_the_same_waits_for_one(void **state)
{
        static struct login_line line;
        struct mono when;
        (void)state;
        login_line_init(&line);
        for (uint32_t i = 0; i < 6; i++)
                assert_true(login_line_put(&line, make(i, "a", i % 2 ? "x" : "y", "10.0.0.1")));
        struct login *y = login_line_take(&line, at_ms(1), &when);
        struct login *x = login_line_take(&line, at_ms(1), &when);
        assert_int_equal(y->ticket.slot, 0);
        assert_int_equal(x->ticket.slot, 1);
        assert_null(login_line_take(&line, at_ms(1), &when));
        assert_int_equal(when.ns, INT64_MAX);
        struct login *gone = login_line_remove(&line, (struct ftp_ticket){5, 1});
        assert_non_null(gone);
        free(gone);
        assert_null(login_line_remove(&line, (struct ftp_ticket){5, 1}));
        end_login(&line, y, true, 1, 2);
        end_login(&line, x, true, 1, 1);
        assert_int_equal(line.length, 0);
        /* The list is whole after its last was taken out. */
        assert_true(login_line_put(&line, make(7, "a", "z", "10.0.0.1")));
        free(login_line_empty(&line));
        assert_null(login_line_empty(&line));
}

/* Many addresses that guess fill the table, and no more than that. */
static void many_guessers_are_bounded(void **state)
{
        static struct login_line line;
        struct mono when;
        char peer[48];
        (void)state;
        login_line_init(&line);
        for (uint32_t i = 0; i < 5000; i++) {
                snprintf(peer, sizeof peer, "10.%u.%u.%u", i >> 16, i >> 8 & 255, i & 255);
                assert_true(login_line_put(&line, make(i, "a", "p", peer)));
                struct login *login = login_line_take(&line, at_ms(i), &when);
                assert_non_null(login);
                end_login(&line, login, false, i, 0);
        }
        assert_true(login_line_put(&line, make(1, "a", "p", peer)));
        assert_null(login_line_take(&line, at_ms(5000), &when));
        free(login_line_empty(&line));
        /* Who guesses much has few wait, not for long. */
        int64_t now = 100000;
        uint32_t put = 0;
        for (int i = 0; i < LOGIN_MANY; i++) {
                assert_true(login_line_put(&line, make(1, "b", "p", "10.9.9.9")));
                struct login *login = login_line_take(&line, at_ms(now), &when);
                end_login(&line, login, false, now, 0);
                now += 20000;
        }
        struct login *login;
        while (login_line_put(&line, login = make(put, "b", "p", "10.9.9.9")))
                put++;
        free(login);
        assert_int_equal(put, LOGIN_MANY_WAIT);
        assert_null(login_line_tired(&line, at_ms(LOGIN_MANY_WAIT_S * 1000 - 1)));
        for (login = login_line_tired(&line, at_ms(LOGIN_MANY_WAIT_S * 1000)); login != NULL;) {
                struct login *next = login->next;
                free(login);
                login = next;
                put--;
        }
        assert_int_equal(put, 0);
        assert_int_equal(line.length, 0);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(the_line_closes_for_longer_with_each_wrong_one),
                cmocka_unit_test(what_is_the_same_waits_for_one),
                cmocka_unit_test(many_guessers_are_bounded),
                cmocka_unit_test_setup_teardown(who_is_let_in, set_up, tear_down),
                cmocka_unit_test_setup_teardown(a_change_holds_at_once, set_up, tear_down),
                cmocka_unit_test_setup_teardown(all_get_in_after_a_start, set_up, tear_down),
                cmocka_unit_test_setup_teardown(
                        guesses_over_many_connections_are_as_slow_as_over_one, set_up, tear_down),
                cmocka_unit_test_setup_teardown(who_waits_at_the_end_is_told_to_come_back, set_up,
                                                tear_down),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
