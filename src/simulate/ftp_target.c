#include "simulate/ftp_target.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

static const struct {
        const char *word;
        enum ftp_habit habit;
} habits[] = {
        {"login-per-file", FTP_HABIT_LOGIN_PER_FILE},
        {"active", FTP_HABIT_ACTIVE},
        {"stou", FTP_HABIT_STOU},
        {"rename", FTP_HABIT_RENAME},
        {"cut", FTP_HABIT_CUT},
        {"duplicate-names", FTP_HABIT_DUPLICATE_NAMES},
        {"mkd-walk", FTP_HABIT_MKD_WALK},
};

enum { HABITS = sizeof habits / sizeof habits[0] };

bool ftp_target_is(const char *text)
{
        return strncasecmp(text, "ftp://", 6) == 0 || strncasecmp(text, "ftps://", 7) == 0;
}

/* A part of the URL, "" when it is not there. */
static bool take(CURLU *url, CURLUPart part, unsigned flags, char *out, size_t size)
{
        char *value = NULL;
        out[0] = '\0';
        if (curl_url_get(url, part, &value, flags) != CURLUE_OK)
                return true;
        int length = snprintf(out, size, "%s", value);
        curl_free(value);
        return length >= 0 && (size_t)length < size;
}

static void trim(char *path)
{
        size_t length = strlen(path);
        while (length > 0 && path[length - 1] == '/')
                path[--length] = '\0';
}

static bool take_all(CURLU *url, struct ftp_target *t, struct error *err)
{
        char scheme[8];
        char port[8];
        char path[FTP_URL_SIZE - FTP_USER_SIZE - 32];
        char decoded[sizeof path];
        if (!take(url, CURLUPART_SCHEME, 0, scheme, sizeof scheme) ||
            !take(url, CURLUPART_HOST, 0, t->host, sizeof t->host) ||
            !take(url, CURLUPART_PORT, CURLU_DEFAULT_PORT, port, sizeof port) ||
            !take(url, CURLUPART_PATH, 0, path, sizeof path) ||
            !take(url, CURLUPART_PATH, CURLU_URLDECODE, decoded, sizeof decoded) ||
            !take(url, CURLUPART_USER, CURLU_URLDECODE, t->user, sizeof t->user) ||
            !take(url, CURLUPART_PASSWORD, CURLU_URLDECODE, t->password, sizeof t->password))
                return error_set(err, ERROR_INPUT, "the FTP address is too long");
        trim(path);
        trim(decoded);
        t->implicit_tls = strcmp(scheme, "ftps") == 0;
        snprintf(t->url, sizeof t->url, "%s://%s:%s%s", scheme, t->host, port, path);
        snprintf(t->path, sizeof t->path, "%s%s", decoded + (decoded[0] == '/'),
                 decoded[0] != '\0' ? "/" : "");
        return true;
}

bool ftp_target_parse(const char *text, struct ftp_target *target, struct error *err)
{
        CURLU *url = curl_url();
        if (url == NULL)
                return error_set(err, ERROR_FULL, "no memory for an address");
        CURLUcode code = curl_url_set(url, CURLUPART_URL, text, 0);
        bool ok = code == CURLUE_OK;
        /* the text holds a password: it is not repeated */
        if (!ok)
                error_set(err, ERROR_INPUT, "this is no FTP address: %s", curl_url_strerror(code));
        ok = ok && take_all(url, target, err);
        curl_url_cleanup(url);
        return ok;
}

static bool find_habit(const char *word, size_t length, unsigned *habits_out)
{
        for (int i = 0; i < HABITS; i++) {
                if (strlen(habits[i].word) == length && memcmp(habits[i].word, word, length) == 0) {
                        *habits_out |= habits[i].habit;
                        return true;
                }
        }
        return false;
}

bool ftp_habits_parse(const char *text, unsigned *habits_out, struct error *err)
{
        for (const char *at = text; *at != '\0';) {
                size_t length = strcspn(at, ",");
                if (!find_habit(at, length, habits_out))
                        return error_set(err, ERROR_INPUT, "there is no habit \"%.*s\"",
                                         (int)(length < 40 ? length : 40), at);
                at += length + (at[length] == ',');
        }
        if ((*habits_out & FTP_HABIT_STOU) && (*habits_out & (FTP_HABIT_ACTIVE | FTP_HABIT_RENAME)))
                return error_set(err, ERROR_INPUT,
                                 "the habit stou does not go with active or rename");
        return true;
}

bool ftp_target_user(const struct ftp_target *target, const char *name, int number,
                     char out[static FTP_USER_SIZE], struct error *err)
{
        struct text text;
        text_init(&text, out, FTP_USER_SIZE);
        for (const char *at = target->user; *at != '\0'; at++) {
                if (at[0] == '%' && at[1] == 'n')
                        text_add_string(&text, name);
                else if (at[0] == '%' && at[1] == 'i')
                        text_add_format(&text, "%d", number);
                else {
                        text_add_char(&text, *at);
                        continue;
                }
                at++;
        }
        return text_ok(&text) ||
               error_set(err, ERROR_INPUT, "the user name of %s is too long", name);
}
