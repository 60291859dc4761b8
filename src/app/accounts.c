#include "app/accounts.h"

#include <assert.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "catalog/catalog.h"

enum {
        DESK_LIMIT = 4096, /* logins waiting for the desk: one a session at most */
        HASH_LIMIT = 512,  /* waiting to be hashed */
        WORKERS_MAX = 8,
        SLOTS = 8192, /* remembered logins */
        MARK_SIZE = 32
};

/* A login under way. */
struct login {
        struct login *next;
        struct ftp_ticket ticket;
        struct account account; /* number 0: there is none */
        char user[FTP_USER_MAX];
        char password[FTP_PASSWORD_MAX];
};

struct queue {
        struct login *first, **last;
        size_t length, limit;
        pthread_cond_t changed;
};

/* An account somebody was let in to, as it was then. */
struct handed {
        struct account account;
        bool seen; /* in a review */
};

struct accounts {
        struct accounts_config config;
        char *data_directory;
        pthread_t desk, workers[WORKERS_MAX];
        unsigned running; /* workers */
        bool desk_runs;
        struct catalog *desk_catalog;   /* of the desk */
        struct catalog *review_catalog; /* of whoever reviews */
        int64_t version;                /* of the catalog when last reviewed */
        bool reviewed, any;
        char dummy[ACCOUNT_HASH_SIZE]; /* what no password fits; costs what others cost */
        uint8_t key[crypto_generichash_KEYBYTES];

        pthread_mutex_t lock; /* guards what follows */
        struct queue waiting, hashing;
        bool stopping;
        uint8_t (*marks)[MARK_SIZE]; /* by hash: the newest stays */
        struct handed *handed;
        size_t handed_count, handed_room;
        bool handed_new; /* since the last review, by a row that may be older */
        struct accounts_counters counters;
};

/* ---- passwords ---- */

static bool ready(struct error *err)
{
        return sodium_init() >= 0 || error_set(err, ERROR_SYSTEM, "libsodium does not start");
}

bool password_hash(const char *password, char out[static ACCOUNT_HASH_SIZE], struct error *err)
{
        static_assert(crypto_pwhash_STRBYTES <= ACCOUNT_HASH_SIZE, "a hash fits");
        memset(out, 0, ACCOUNT_HASH_SIZE);
        if (!ready(err))
                return false;
        return crypto_pwhash_str(out, password, strlen(password),
                                 crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                 crypto_pwhash_MEMLIMIT_INTERACTIVE) == 0 ||
               error_set(err, ERROR_FULL, "no memory to hash a password");
}

bool password_make(char out[static PASSWORD_SIZE], struct error *err)
{
        static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789";
        size_t used = 0;
        if (!ready(err))
                return false;
        for (int group = 0; group < 3; group++) {
                for (int i = 0; i < 5; i++)
                        out[used++] = letters[randombytes_uniform(sizeof letters - 1)];
                out[used++] = group < 2 ? '-' : '\0';
        }
        return true;
}

/* ---- queues; the lock is held ---- */

static void queue_init(struct queue *queue, size_t limit)
{
        queue->last = &queue->first;
        queue->limit = limit;
        pthread_cond_init(&queue->changed, NULL);
}

static bool queue_put(struct queue *queue, struct login *login)
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

static struct login *queue_take(struct queue *queue)
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

/* Waits for one; NULL when it is time to stop. */
static struct login *queue_wait(struct accounts *accounts, struct queue *queue)
{
        pthread_mutex_lock(&accounts->lock);
        while (queue->first == NULL && !accounts->stopping)
                pthread_cond_wait(&queue->changed, &accounts->lock);
        struct login *login = accounts->stopping ? NULL : queue_take(queue);
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
        crypto_generichash_final(&state, mark, MARK_SIZE);
        sodium_memzero(&state, sizeof state);
}

static size_t slot_of(const uint8_t mark[static MARK_SIZE])
{
        uint32_t slot;
        memcpy(&slot, mark, sizeof slot);
        return slot % SLOTS;
}

static bool remembered(struct accounts *accounts, const uint8_t mark[static MARK_SIZE])
{
        pthread_mutex_lock(&accounts->lock);
        bool is = sodium_memcmp(accounts->marks[slot_of(mark)], mark, MARK_SIZE) == 0;
        pthread_mutex_unlock(&accounts->lock);
        return is;
}

/* ---- accounts handed out ---- */

static struct handed *find_handed(struct accounts *accounts, int64_t number)
{
        for (size_t i = 0; i < accounts->handed_count; i++) {
                if (accounts->handed[i].account.number == number)
                        return &accounts->handed[i];
        }
        return NULL;
}

static bool hand_out(struct accounts *accounts, const struct account *account)
{
        pthread_mutex_lock(&accounts->lock);
        struct handed *handed = find_handed(accounts, account->number);
        if (handed == NULL && accounts->handed_count == accounts->handed_room) {
                size_t room = accounts->handed_room > 0 ? accounts->handed_room * 2 : 64;
                struct handed *grown = reallocarray(accounts->handed, room, sizeof *grown);
                if (grown != NULL) {
                        accounts->handed = grown;
                        accounts->handed_room = room;
                }
        }
        if (handed == NULL && accounts->handed_count < accounts->handed_room)
                handed = &accounts->handed[accounts->handed_count++];
        if (handed != NULL)
                *handed = (struct handed){.account = *account, .seen = true};
        accounts->handed_new = true;
        pthread_mutex_unlock(&accounts->lock);
        return handed != NULL;
}

/* ---- answering ---- */

/* Answers and ends the login. */
static void answer(struct accounts *accounts, struct login *login, enum ftp_login result)
{
        struct ftp_account account = {login->account.number, login->account.download};
        if (result == FTP_LOGIN_GOOD && !hand_out(accounts, &login->account))
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
        while ((login = queue_wait(accounts, &accounts->waiting)) != NULL) {
                uint8_t mark[MARK_SIZE];
                if (!read_account(accounts, login)) {
                        later(accounts, login);
                        continue;
                }
                mark_of(accounts, login, mark);
                bool good = login->account.number != 0 && !login->account.disabled &&
                            remembered(accounts, mark);
                pthread_mutex_lock(&accounts->lock);
                accounts->counters.remembered += good;
                bool queued = !good && queue_put(&accounts->hashing, login);
                pthread_mutex_unlock(&accounts->lock);
                if (good)
                        answer(accounts, login, FTP_LOGIN_GOOD);
                else if (!queued)
                        later(accounts, login);
        }
        return NULL;
}

/* The slow part, the same for whoever asks. */
static void check(struct accounts *accounts, struct login *login)
{
        uint8_t mark[MARK_SIZE];
        mark_of(accounts, login, mark);
        /* Found right meanwhile: many cameras with one account log in at the same time. */
        bool may = login->account.number != 0 && !login->account.disabled;
        bool known = may && remembered(accounts, mark);
        bool right = known || crypto_pwhash_str_verify(login->account.hash, login->password,
                                                       strlen(login->password)) == 0;
        right = right && may;
        pthread_mutex_lock(&accounts->lock);
        accounts->counters.hashed += !known;
        accounts->counters.remembered += known;
        if (right)
                memcpy(accounts->marks[slot_of(mark)], mark, MARK_SIZE);
        pthread_mutex_unlock(&accounts->lock);
        answer(accounts, login, right ? FTP_LOGIN_GOOD : FTP_LOGIN_WRONG);
}

static void *run_worker(void *context)
{
        struct accounts *accounts = context;
        struct login *login;
        pthread_setname_np(pthread_self(), "login-hash");
        while ((login = queue_wait(accounts, &accounts->hashing)) != NULL)
                check(accounts, login);
        return NULL;
}

void accounts_login(struct accounts *accounts, struct ftp_ticket ticket, const char *user,
                    const char *password)
{
        struct login *login = calloc(1, sizeof *login);
        if (login == NULL) {
                accounts->config.answer(accounts->config.context, ticket, FTP_LOGIN_LATER, NULL);
                return;
        }
        login->ticket = ticket;
        memcpy(login->user, user, strnlen(user, sizeof login->user - 1));
        memcpy(login->password, password, strnlen(password, sizeof login->password - 1));
        pthread_mutex_lock(&accounts->lock);
        bool queued = !accounts->stopping && queue_put(&accounts->waiting, login);
        pthread_mutex_unlock(&accounts->lock);
        if (!queued)
                later(accounts, login);
}

/* ---- reviewing ---- */

static bool same_account(const struct account *a, const struct account *b)
{
        return strcmp(a->user, b->user) == 0 && strcmp(a->hash, b->hash) == 0 &&
               a->camera.value == b->camera.value && a->download == b->download && !b->disabled;
}

static bool review_one(void *context, const struct account *account)
{
        struct accounts *accounts = context;
        accounts->any = true;
        pthread_mutex_lock(&accounts->lock);
        struct handed *handed = find_handed(accounts, account->number);
        if (handed != NULL && same_account(&handed->account, account))
                handed->seen = true;
        pthread_mutex_unlock(&accounts->lock);
        return true;
}

/* Takes one that was not seen off the list; 0 when there is none. */
static int64_t take_ended(struct accounts *accounts)
{
        int64_t number = 0;
        pthread_mutex_lock(&accounts->lock);
        for (size_t i = 0; i < accounts->handed_count && number == 0; i++) {
                if (accounts->handed[i].seen)
                        continue;
                number = accounts->handed[i].account.number;
                accounts->handed[i] = accounts->handed[--accounts->handed_count];
        }
        pthread_mutex_unlock(&accounts->lock);
        return number;
}

bool accounts_review(struct accounts *accounts, bool *any_out, struct error *err)
{
        int64_t version = 0;
        if (accounts->review_catalog == NULL &&
            !catalog_open(accounts->data_directory, CATALOG_READ, &accounts->review_catalog, err))
                return false;
        if (!catalog_version(accounts->review_catalog, &version, err))
                return false;
        *any_out = accounts->any;
        pthread_mutex_lock(&accounts->lock);
        bool same = accounts->reviewed && version == accounts->version && !accounts->handed_new;
        accounts->handed_new = false;
        for (size_t i = 0; i < accounts->handed_count; i++)
                accounts->handed[i].seen = accounts->handed[i].seen && same;
        pthread_mutex_unlock(&accounts->lock);
        if (same)
                return true;
        accounts->any = false;
        if (!catalog_accounts(accounts->review_catalog, review_one, accounts, err))
                return false;
        accounts->version = version;
        accounts->reviewed = true;
        *any_out = accounts->any;
        int64_t number;
        while ((number = take_ended(accounts)) != 0)
                accounts->config.ended(accounts->config.context, number);
        return true;
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
        pthread_cond_destroy(&accounts->hashing.changed);
        pthread_mutex_destroy(&accounts->lock);
        sodium_memzero(accounts->key, sizeof accounts->key);
        free(accounts->marks);
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
        queue_init(&accounts->hashing, HASH_LIMIT);
        accounts->data_directory = strdup(config->data_directory);
        accounts->marks = calloc(SLOTS, sizeof *accounts->marks);
        char secret[PASSWORD_SIZE];
        bool ok = accounts->data_directory != NULL && accounts->marks != NULL;
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
        pthread_cond_broadcast(&gone->hashing.changed);
        pthread_mutex_unlock(&gone->lock);
        if (gone->desk_runs)
                pthread_join(gone->desk, NULL);
        for (unsigned i = 0; i < gone->running; i++)
                pthread_join(gone->workers[i], NULL);
        struct login *login;
        while ((login = queue_take(&gone->waiting)) != NULL ||
               (login = queue_take(&gone->hashing)) != NULL)
                answer(gone, login, FTP_LOGIN_LATER);
        destroy(gone);
}
