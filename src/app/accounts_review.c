/* Accounts that somebody was let in to, held against the catalog. */
#include <stdlib.h>
#include <string.h>

#include "app/accounts_inside.h"

static struct handed *find_handed(struct accounts *accounts, int64_t number)
{
        for (size_t i = 0; i < accounts->handed_count; i++) {
                if (accounts->handed[i].account.number == number)
                        return &accounts->handed[i];
        }
        return NULL;
}

bool accounts_hand_out(struct accounts *accounts, const struct account *account)
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
