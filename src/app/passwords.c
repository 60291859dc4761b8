#include "app/passwords.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "model/account.h"

/*
 * OWASP's choice of Argon2id for 19 MiB. A password that was made here has 74 bits, and who guesses
 * is slowed down in other ways; what counts is that a Raspberry Pi lets a thousand cameras in
 * within a minute or two after a start: there it is some 100 ms, where libsodium's interactive
 * choice with its 64 MiB takes half a second.
 */
enum { HASH_PASSES = 2, HASH_BYTES = 19 << 20 };

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
        return crypto_pwhash_str(out, password, strlen(password), HASH_PASSES, HASH_BYTES) == 0 ||
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
