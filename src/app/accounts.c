#include "app/accounts.h"

#include <stdlib.h>
#include <string.h>

#include "app/accounts_inside.h"
#include "base/log.h"

enum { DESK_LIMIT = 16384 /* logins waiting for the desk: one a session at most */ };

/* ---- queues; the lock is held ---- */

static void queue_init(struct login_queue *queue, size_t limit)
{
        queue->last = &queue->first;
        queue->limit = limit;
        pthread_cond_init(&queue->changed, NULL);
}

static bool queue_put(struct login_queue *queue, struct login *login)
{
        if (queue->length == queue->limit)
                return false;
        login->next = NULL;
        *queue->last = login;
        queue->last = &login->next;
        queue->length++;
        pthread_cond_signal(&queue->changed);
        return true;
}

static struct login *queue_take(struct login_queue *queue)
{
        struct login *login = queue->first;
        if (login == NULL)
                return NULL;
        queue->first = login->next;
        if (queue->first == NULL)
                queue->last = &queue->first;
        queue->length--;
        return login;
}

static struct login *queue_remove(struct login_queue *queue, struct ftp_ticket ticket)
{
        struct login **link = &queue->first;
        while (*link != NULL &&
               ((*link)->ticket.slot != ticket.slot || (*link)->ticket.serial != ticket.serial))
                link = &(*link)->next;
        struct login *login = *link;
        if (login == NULL)
                return NULL;
        *link = login->next;
        if (queue->last == &login->next)
                queue->last = link;
        queue->length--;
        return login;
}

/* Waits for one; NULL when it is time to stop. */
static struct login *wait_for_desk(struct accounts *accounts)
{
        struct login_queue *queue = &accounts->waiting;
        pthread_mutex_lock(&accounts->lock);
        while (queue->first == NULL && !accounts->stopping)
                pthread_cond_wait(&queue->changed, &accounts->lock);
        struct login *login = accounts->stopping ? NULL : queue_take(queue);
        pthread_mutex_unlock(&accounts->lock);
        return login;
}

/* Likewise, for one that may be hashed; or gives those that have waited in vain. */
static struct login *wait_for_hash(struct accounts *accounts, struct login **tired_out)
{
        struct login *login = NULL;
        struct mono when;
        pthread_mutex_lock(&accounts->lock);
        *tired_out = login_line_tired(&accounts->hashing, mono_now());
        while (!accounts->stopping && *tired_out == NULL &&
               (login = login_line_take(&accounts->hashing, mono_now(), &when)) == NULL) {
                const struct timespec until = {when.ns / 1000000000, when.ns % 1000000000};
                if (when.ns == INT64_MAX)
                        pthread_cond_wait(&accounts->hashing_changed, &accounts->lock);
                else
                        pthread_cond_timedwait(&accounts->hashing_changed, &accounts->lock, &until);
        }
        pthread_mutex_unlock(&accounts->lock);
        return login;
}

static void login_free(struct login *login)
{
        sodium_memzero(login->password, sizeof login->password);
        free(login);
}

/* ---- remembered logins ---- */

/* The keyed hash of a login that is right as long as the account's row is as it is. */
static void mark_of(const struct accounts *accounts, const struct login *login,
                    uint8_t mark[static MARK_SIZE])
{
        crypto_generichash_state state;
        crypto_generichash_init(&state, accounts->key, sizeof accounts->key, MARK_SIZE);
        /* With their ends, so that no two pairs read the same. */
        crypto_generichash_update(&state, (const uint8_t *)login->user, strlen(login->user) + 1);
        crypto_generichash_update(&state, (const uint8_t *)login->password,
                                  strlen(login->password) + 1);
        crypto_generichash_update(&state, (const uint8_t *)login->account.hash,
                                  strlen(login->account.hash) + 1);
        const uint8_t may = login->account.number != 0 && !login->account.disabled;
        crypto_generichash_update(&state, &may, 1);
        crypto_generichash_final(&state, mark, MARK_SIZE);
        sodium_memzero(&state, sizeof state);
}

static uint8_t *slot_of(uint8_t (*marks)[MARK_SIZE], size_t slots,
                        const uint8_t mark[static MARK_SIZE])
{
        uint32_t slot;
        memcpy(&slot, mark, sizeof slot);
        return marks[slot % slots];
}

/* Of a login before it is hashed: FTP_LOGIN_LATER says that nothing is known. */
static enum ftp_login remembered(struct accounts *accounts, const struct login *login)
{
        enum ftp_login known = FTP_LOGIN_LATER;
        pthread_mutex_lock(&accounts->lock);
        if (sodium_memcmp(slot_of(accounts->marks, SLOTS, login->mark), login->mark, MARK_SIZE) ==
            0)
                known = FTP_LOGIN_GOOD;
        else if (sodium_memcmp(slot_of(accounts->wrongs, WRONG_SLOTS, login->mark), login->mark,
                               MARK_SIZE) == 0)
                known = FTP_LOGIN_WRONG;
        accounts->counters.remembered += known == FTP_LOGIN_GOOD;
        pthread_mutex_unlock(&accounts->lock);
        return known;
}

/* ---- answering ---- */

/* Answers and ends the login. */
static void answer(struct accounts *accounts, struct login *login, enum ftp_login result)
{
        struct ftp_account account = {login->account.number, login->account.download};
        if (result == FTP_LOGIN_GOOD && !accounts_hand_out(accounts, &login->account))
                result = FTP_LOGIN_LATER;
        accounts->config.answer(accounts->config.context, login->ticket, result,
                                result == FTP_LOGIN_GOOD ? &account : NULL);
        login_free(login);
}

static void later(struct accounts *accounts, struct login *login)
{
        pthread_mutex_lock(&accounts->lock);
        accounts->counters.later++;
        pthread_mutex_unlock(&accounts->lock);
        answer(accounts, login, FTP_LOGIN_LATER);
}

/* Reads the row; false when it could not be told whether there is one. */
static bool read_account(struct accounts *accounts, struct login *login)
{
        struct error err = {0};
        if (accounts->desk_catalog == NULL &&
            !catalog_open(accounts->data_directory, CATALOG_READ, &accounts->desk_catalog, &err))
                goto failed;
        if (catalog_account_by_user(accounts->desk_catalog, login->user, &login->account, &err))
                return true;
        login->account = (struct account){0};
        memcpy(login->account.hash, accounts->dummy, sizeof login->account.hash);
        if (err.kind == ERROR_NOT_FOUND)
                return true;
failed:
        log_warn("ftp", "login-not-checked", "why=\"%s\"", err.text);
        return false;
}

static void *run_desk(void *context)
{
        struct accounts *accounts = context;
        struct login *login;
        pthread_setname_np(pthread_self(), "login-desk");
        while ((login = wait_for_desk(accounts)) != NULL) {
                if (!read_account(accounts, login)) {
                        later(accounts, login);
                        continue;
                }
                mark_of(accounts, login, login->mark);
                enum ftp_login known = remembered(accounts, login);
                if (known != FTP_LOGIN_LATER) {
                        answer(accounts, login, known);
                        continue;
                }
                pthread_mutex_lock(&accounts->lock);
                bool queued = login_line_put(&accounts->hashing, login);
                pthread_cond_signal(&accounts->hashing_changed);
                pthread_mutex_unlock(&accounts->lock);
                if (!queued)
                        later(accounts, login);
        }
        return NULL;
}

/* The slow part, the same for whoever asks. */
static void check(struct accounts *accounts, struct login *login)
{
        bool may = login->account.number != 0 && !login->account.disabled;
        bool right = crypto_pwhash_str_verify(login->account.hash, login->password,
                                              strlen(login->password)) == 0;
        right = right && may;
        pthread_mutex_lock(&accounts->lock);
        accounts->counters.hashed++;
        uint8_t *slot = right ? slot_of(accounts->marks, SLOTS, login->mark)
                              : slot_of(accounts->wrongs, WRONG_SLOTS, login->mark);
        memcpy(slot, login->mark, MARK_SIZE);
        struct login *same = login_line_done(&accounts->hashing, login, right, mono_now());
        for (struct login *at = same; at != NULL && right; at = at->next)
                accounts->counters.remembered++;
        /* Others from there may be next. */
        pthread_cond_broadcast(&accounts->hashing_changed);
        pthread_mutex_unlock(&accounts->lock);
        login->next = same;
        while (login != NULL) {
                struct login *next = login->next;
                answer(accounts, login, right ? FTP_LOGIN_GOOD : FTP_LOGIN_WRONG);
                login = next;
        }
}

static void *run_worker(void *context)
{
        struct accounts *accounts = context;
        struct login *login;
        struct login *tired;
        pthread_setname_np(pthread_self(), "login-hash");
        while ((login = wait_for_hash(accounts, &tired)) != NULL || tired != NULL) {
                while (tired != NULL) {
                        struct login *next = tired->next;
                        later(accounts, tired);
                        tired = next;
                }
                if (login != NULL)
                        check(accounts, login);
        }
        return NULL;
}

void accounts_login(struct accounts *accounts, struct ftp_ticket ticket, const char *user,
                    const char *password, const char *peer)
{
        struct login *login = calloc(1, sizeof *login);
        if (login == NULL) {
                accounts->config.answer(accounts->config.context, ticket, FTP_LOGIN_LATER, NULL);
                return;
        }
        login->ticket = ticket;
        login_peer(peer, login->peer);
        login->since = mono_now();
        memcpy(login->user, user, strnlen(user, sizeof login->user - 1));
        memcpy(login->password, password, strnlen(password, sizeof login->password - 1));
        pthread_mutex_lock(&accounts->lock);
        bool queued = !accounts->stopping && queue_put(&accounts->waiting, login);
        pthread_mutex_unlock(&accounts->lock);
        if (!queued)
                later(accounts, login);
}

void accounts_forget(struct accounts *accounts, struct ftp_ticket ticket)
{
        pthread_mutex_lock(&accounts->lock);
        struct login *login = login_line_remove(&accounts->hashing, ticket);
        if (login == NULL)
                login = queue_remove(&accounts->waiting, ticket);
        pthread_mutex_unlock(&accounts->lock);
        if (login != NULL)
                login_free(login);
}

void accounts_counters(struct accounts *accounts, struct accounts_counters *counters_out)
{
        pthread_mutex_lock(&accounts->lock);
        *counters_out = accounts->counters;
        counters_out->waiting = (int64_t)(accounts->waiting.length + accounts->hashing.length);
        pthread_mutex_unlock(&accounts->lock);
}

/* ---- beginning and end ---- */

static void destroy(struct accounts *accounts)
{
        catalog_close(&accounts->desk_catalog);
        catalog_close(&accounts->review_catalog);
        pthread_cond_destroy(&accounts->waiting.changed);
        pthread_cond_destroy(&accounts->hashing_changed);
        pthread_mutex_destroy(&accounts->lock);
        sodium_memzero(accounts->key, sizeof accounts->key);
        free(accounts->marks);
        free(accounts->wrongs);
        free(accounts->handed);
        free(accounts->data_directory);
        free(accounts);
}

static bool start_threads(struct accounts *accounts, struct error *err)
{
        unsigned workers = accounts->config.workers > 0 ? accounts->config.workers : 2;
        accounts->desk_runs = pthread_create(&accounts->desk, NULL, run_desk, accounts) == 0;
        while (accounts->desk_runs && accounts->running < workers &&
               accounts->running < WORKERS_MAX &&
               pthread_create(&accounts->workers[accounts->running], NULL, run_worker, accounts) ==
                       0)
                accounts->running++;
        return accounts->running > 0 ||
               error_set(err, ERROR_SYSTEM, "the threads for logins did not start");
}

bool accounts_start(const struct accounts_config *config, struct accounts **accounts_out,
                    struct error *err)
{
        struct accounts *accounts = calloc(1, sizeof *accounts);
        if (accounts == NULL)
                return error_set(err, ERROR_FULL, "no memory for accounts");
        accounts->config = *config;
        pthread_mutex_init(&accounts->lock, NULL);
        queue_init(&accounts->waiting, DESK_LIMIT);
        login_line_init(&accounts->hashing);
        pthread_condattr_t steady;
        pthread_condattr_init(&steady);
        pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
        pthread_cond_init(&accounts->hashing_changed, &steady);
        pthread_condattr_destroy(&steady);
        accounts->data_directory = strdup(config->data_directory);
        accounts->marks = calloc(SLOTS, sizeof *accounts->marks);
        accounts->wrongs = calloc(WRONG_SLOTS, sizeof *accounts->wrongs);
        char secret[PASSWORD_SIZE];
        bool ok = accounts->data_directory != NULL && accounts->marks != NULL &&
                  accounts->wrongs != NULL;
        if (!ok)
                error_set(err, ERROR_FULL, "no memory for accounts");
        ok = ok && password_make(secret, err) && password_hash(secret, accounts->dummy, err);
        if (ok) {
                randombytes_buf(accounts->key, sizeof accounts->key);
                ok = start_threads(accounts, err);
        }
        *accounts_out = accounts;
        if (!ok)
                accounts_stop(accounts_out);
        return ok;
}

void accounts_stop(struct accounts **accounts)
{
        struct accounts *gone = *accounts;
        *accounts = NULL;
        if (gone == NULL)
                return;
        pthread_mutex_lock(&gone->lock);
        gone->stopping = true;
        pthread_cond_broadcast(&gone->waiting.changed);
        pthread_cond_broadcast(&gone->hashing_changed);
        pthread_mutex_unlock(&gone->lock);
        if (gone->desk_runs)
                pthread_join(gone->desk, NULL);
        for (unsigned i = 0; i < gone->running; i++)
                pthread_join(gone->workers[i], NULL);
        struct login *login;
        while ((login = queue_take(&gone->waiting)) != NULL ||
               (login = login_line_empty(&gone->hashing)) != NULL)
                answer(gone, login, FTP_LOGIN_LATER);
        destroy(gone);
}
