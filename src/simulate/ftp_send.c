#include "simulate/ftp_send.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/utc.h"
#include "simulate/ftp_stou.h"

enum { STOP_MS = 2000, LOOK_MS = 2, WAIT_MS = 500, PATH_SIZE = FTP_URL_SIZE + 160 };

struct ftp_send {
        const struct ftp_target *target;
        char user[FTP_USER_SIZE];
        bool (*stopped)(void *context);
        void *context;

        CURL *curl;
        CURLM *multi; /* keeps the connection */
        struct ftp_stou stou;
        const struct ftp_parcel *parcel; /* being uploaded */
        size_t given;                    /* bytes of it that libcurl has taken */
        struct mono last_byte;
        struct mono stop_seen; /* 0: not yet */
        unsigned cuts;
        bool reset; /* this cut is that of a camera without power: no FIN */
        char line[200];
};

/* Keeps what the server said last. */
static size_t on_line(char *bytes, size_t size, size_t count, void *context)
{
        struct ftp_send *s = context;
        size_t length = size * count;
        size_t kept = length;
        while (kept > 0 && (bytes[kept - 1] == '\r' || bytes[kept - 1] == '\n'))
                kept--;
        snprintf(s->line, sizeof s->line, "%.*s", (int)kept, bytes);
        return length;
}

static size_t on_read(char *out, size_t size, size_t count, void *context)
{
        struct ftp_send *s = context;
        size_t room = size * count;
        size_t end = s->parcel->cut ? s->parcel->length / 2 : s->parcel->length;
        size_t left = end - s->given;
        if (left == 0 && s->parcel->cut)
                return CURL_READFUNC_ABORT;
        size_t length = left < room ? left : room;
        memcpy(out, s->parcel->bytes + s->given, length);
        s->given += length;
        s->last_byte = mono_now();
        return length;
}

static int on_progress(void *context, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
        struct ftp_send *s = context;
        (void)a, (void)b, (void)c, (void)d;
        if (!s->stopped(s->context))
                return 0;
        struct mono now = mono_now();
        if (s->stop_seen.ns == 0)
                s->stop_seen = now;
        return now.ns - s->stop_seen.ns > INT64_C(1000000) * STOP_MS;
}

static int on_socket(void *context, curl_socket_t fd, curlsocktype purpose)
{
        const struct ftp_send *s = context;
        (void)purpose;
        if (s->reset)
                setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0},
                           sizeof(struct linger));
        return CURL_SOCKOPT_OK;
}

static void set_up(struct ftp_send *s)
{
        CURL *c = s->curl;
        const struct ftp_target *t = s->target;
        curl_easy_setopt(c, CURLOPT_URL, t->url);
        curl_easy_setopt(c, CURLOPT_USERNAME, s->user);
        curl_easy_setopt(c, CURLOPT_PASSWORD, t->password);
        curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(c, CURLOPT_PROXY, "");
        curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, 15L);
        curl_easy_setopt(c, CURLOPT_MAXAGE_CONN,
                         7 * 86400L); /* a camera may see nothing for days */
        curl_easy_setopt(c, CURLOPT_TCP_KEEPALIVE, 1L);
        curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_line);
        curl_easy_setopt(c, CURLOPT_HEADERDATA, s);
        curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
        curl_easy_setopt(c, CURLOPT_XFERINFODATA, s);
        curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
        curl_easy_setopt(c, CURLOPT_SOCKOPTFUNCTION, on_socket);
        curl_easy_setopt(c, CURLOPT_SOCKOPTDATA, s);
        curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, t->insecure ? 0L : 1L);
        curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, t->insecure ? 0L : 2L);
        if (t->insecure) { /* else libcurl reads the system's certificates for each handshake */
                curl_easy_setopt(c, CURLOPT_CAINFO, NULL);
                curl_easy_setopt(c, CURLOPT_CAPATH, NULL);
        }
        if (t->explicit_tls)
                curl_easy_setopt(c, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
        if (t->habits & FTP_HABIT_STOU) {
                curl_easy_setopt(c, CURLOPT_CONNECT_ONLY, 1L);
                return;
        }
        bool walk = (t->habits & FTP_HABIT_MKD_WALK) != 0;
        curl_easy_setopt(c, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(c, CURLOPT_UPLOAD_BUFFERSIZE, 1L << 18);
        curl_easy_setopt(c, CURLOPT_READFUNCTION, on_read);
        curl_easy_setopt(c, CURLOPT_READDATA, s);
        curl_easy_setopt(c, CURLOPT_FTP_FILEMETHOD,
                         (long)(walk ? CURLFTPMETHOD_MULTICWD : CURLFTPMETHOD_NOCWD));
        curl_easy_setopt(c, CURLOPT_FTP_CREATE_MISSING_DIRS,
                         (long)(walk ? CURLFTP_CREATE_DIR_RETRY : CURLFTP_CREATE_DIR_NONE));
        if (t->habits & FTP_HABIT_LOGIN_PER_FILE)
                curl_easy_setopt(c, CURLOPT_FORBID_REUSE, 1L);
        if (t->habits & FTP_HABIT_ACTIVE) {
                curl_easy_setopt(c, CURLOPT_FTPPORT, "-");
                curl_easy_setopt(c, CURLOPT_FTP_USE_EPRT, t->host[0] == '[' ? 1L : 0L);
        }
}

void ftp_send_rest(struct ftp_send *s)
{
        if (s->curl != NULL)
                curl_easy_cleanup(s->curl);
        if (s->multi != NULL)
                curl_multi_cleanup(s->multi);
        s->curl = NULL;
        s->multi = NULL;
}

static bool open_curl(struct ftp_send *s)
{
        s->curl = curl_easy_init();
        s->multi = curl_multi_init();
        if (s->curl == NULL || s->multi == NULL) {
                ftp_send_rest(s);
                return false;
        }
        set_up(s);
        s->stou = (struct ftp_stou){.control = s->curl,
                                    .target = s->target,
                                    .stopped = s->stopped,
                                    .context = s->context};
        return true;
}

bool ftp_send_create(const struct ftp_target *target, const char *user,
                     bool (*stopped)(void *context), void *context, struct ftp_send **out,
                     struct error *err)
{
        struct ftp_send *s = calloc(1, sizeof *s);
        if (s == NULL)
                return error_set(err, ERROR_FULL, "no memory for a camera's FTP session");
        s->target = target;
        s->stopped = stopped;
        s->context = context;
        snprintf(s->user, sizeof s->user, "%s", user);
        *out = s;
        return true;
}

void ftp_send_free(struct ftp_send **send)
{
        if (*send == NULL)
                return;
        ftp_send_rest(*send);
        free(*send);
        *send = NULL;
}

/* The address of an upload, and what is said after it when the camera renames. */
static bool address(struct ftp_send *s, const struct ftp_parcel *parcel,
                    struct curl_slist **after_out)
{
        bool rename = (s->target->habits & FTP_HABIT_RENAME) != 0;
        bool walk = (s->target->habits & FTP_HABIT_MKD_WALK) != 0;
        char url[PATH_SIZE];
        char path[PATH_SIZE];
        char from[PATH_SIZE + 16];
        char to[PATH_SIZE + 16];
        snprintf(url, sizeof url, "%s/%s/%s%s", s->target->url, parcel->folder, parcel->name,
                 rename ? ".tmp" : "");
        curl_easy_setopt(s->curl, CURLOPT_URL, url);
        curl_easy_setopt(s->curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)parcel->length);
        *after_out = NULL;
        if (rename) {
                /* the one who walked is in the folder, the other where it logged in */
                if (walk)
                        snprintf(path, sizeof path, "%s", parcel->name);
                else
                        snprintf(path, sizeof path, "%s%s/%s", s->target->path, parcel->folder,
                                 parcel->name);
                snprintf(from, sizeof from, "RNFR %s.tmp", path);
                snprintf(to, sizeof to, "RNTO %s", path);
                struct curl_slist *list = curl_slist_append(NULL, from);
                struct curl_slist *whole = list != NULL ? curl_slist_append(list, to) : NULL;
                if (whole == NULL) {
                        curl_slist_free_all(list);
                        return false;
                }
                *after_out = whole;
        }
        curl_easy_setopt(s->curl, CURLOPT_POSTQUOTE, *after_out);
        return true;
}

/*
 * curl_easy_perform, but for its waiting: libcurl 7.88 waits for a second for nothing when the
 * answer to EPSV came at once. So until the first byte is on its way it is called more often.
 */
static CURLcode perform_all(struct ftp_send *s)
{
        if (curl_multi_add_handle(s->multi, s->curl) != CURLM_OK)
                return CURLE_OUT_OF_MEMORY;
        CURLcode result = CURLE_OK;
        int running = 1;
        while (running > 0 && result == CURLE_OK) {
                if (curl_multi_perform(s->multi, &running) != CURLM_OK ||
                    (running > 0 &&
                     curl_multi_poll(s->multi, NULL, 0, s->given == 0 ? LOOK_MS : WAIT_MS, NULL) !=
                             CURLM_OK))
                        result = CURLE_FAILED_INIT;
        }
        const struct CURLMsg *message;
        int left = 0;
        while ((message = curl_multi_info_read(s->multi, &left)) != NULL) {
                if (message->msg == CURLMSG_DONE)
                        result = message->data.result;
        }
        curl_multi_remove_handle(s->multi, s->curl);
        return result;
}

static void perform(struct ftp_send *s, struct ftp_answer *answer)
{
        struct curl_slist *after = NULL;
        if (!address(s, s->parcel, &after)) {
                snprintf(answer->text, sizeof answer->text, "no memory");
                return;
        }
        CURLcode code = perform_all(s);
        long said = 0;
        curl_easy_getinfo(s->curl, CURLINFO_RESPONSE_CODE, &said);
        curl_easy_setopt(s->curl, CURLOPT_POSTQUOTE, NULL);
        curl_slist_free_all(after);
        answer->acknowledged = code == CURLE_OK;
        answer->code = code == CURLE_OK || said >= 400 ? (int)said : 0;
        answer->login = code == CURLE_LOGIN_DENIED;
        snprintf(answer->text, sizeof answer->text, "%s",
                 answer->code != 0 && s->line[0] != '\0' ? s->line : curl_easy_strerror(code));
}

void ftp_send_upload(struct ftp_send *s, const struct ftp_parcel *parcel, struct ftp_answer *answer)
{
        *answer = (struct ftp_answer){0};
        s->parcel = parcel;
        s->given = 0;
        s->line[0] = '\0';
        s->last_byte = mono_now();
        s->reset = parcel->cut && ++s->cuts % 2 == 0;
        if (s->curl == NULL && !open_curl(s)) {
                snprintf(answer->text, sizeof answer->text, "no memory");
                return;
        }
        if (s->target->habits & FTP_HABIT_STOU) {
                ftp_stou_upload(&s->stou, parcel, answer);
                if (s->target->habits & FTP_HABIT_LOGIN_PER_FILE)
                        ftp_send_rest(s);
        } else {
                perform(s, answer);
                answer->ms = (mono_now().ns - s->last_byte.ns) / 1000000;
        }
        /* after a failure, and a cut by the camera, a new connection is a clean start */
        if (!answer->acknowledged)
                ftp_send_rest(s);
}
