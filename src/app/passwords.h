#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "model/account.h"

/* Passwords of accounts: what is stored of them, and good ones. */

/* What is stored of a password. Costs as much as a login. */
bool password_hash(const char *password, char out[static ACCOUNT_HASH_SIZE],
                   struct error *err) MUST_CHECK;

enum { PASSWORD_SIZE = 32 };

/* A strong one (74 bits) that can be typed on a camera's page: three groups of five letters and
 * digits that are not easily mistaken. */
bool password_make(char out[static PASSWORD_SIZE], struct error *err) MUST_CHECK;
