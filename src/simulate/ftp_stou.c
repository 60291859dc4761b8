#include "simulate/ftp_stou.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utc.h"

enum { ANSWER_MS = 60000, LOOK_MS = 200 };

/* Waits until the socket is ready; false when that takes too long. */
static bool await(const struct ftp_stou *s, CURL *handle, short events)
{
        curl_socket_t socket = CURL_SOCKET_BAD;
        if (curl_easy_getinfo(handle, CURLINFO_ACTIVESOCKET, &socket) != CURLE_OK)
                return false;
        for (int waited = 0; waited < ANSWER_MS; waited += LOOK_MS) {
                struct pollfd fd = {.fd = socket, .events = events};
                if (poll(&fd, 1, LOOK_MS) != 0)
                        return true;
                if (s->stopped(s->context))
                        return false;
        }
        return false;
}

static bool send_all(const struct ftp_stou *s, CURL *handle, const void *bytes, size_t length)
{
        const char *at = bytes;
        while (length > 0) {
                size_t sent = 0;
                CURLcode code = curl_easy_send(handle, at, length, &sent);
                if (code == CURLE_AGAIN && await(s, handle, POLLOUT))
                        continue;
                if (code != CURLE_OK)
                        return false;
                at += sent;
                length -= sent;
        }
        return true;
}

static bool command(struct ftp_stou *s, const char *verb, const char *argument)
{
        char line[FTP_URL_SIZE + 128];
        int length = snprintf(line, sizeof line, argument[0] != '\0' ? "%s %s\r\n" : "%s%s\r\n",
                              verb, argument);
        return length > 0 && (size_t)length < sizeof line &&
               send_all(s, s->control, line, (size_t)length);
}

/* Takes a line from what was heard, without its end; false when there is no whole one. */
static bool take_line(struct ftp_stou *s, struct ftp_answer *answer)
{
        char *end = memchr(s->heard, '\n', s->heard_length);
        if (end == NULL)
                return false;
        size_t length = (size_t)(end - s->heard);
        size_t kept = length;
        while (kept > 0 && s->heard[kept - 1] == '\r')
                kept--;
        snprintf(answer->text, sizeof answer->text, "%.*s", (int)kept, s->heard);
        s->heard_length -= length + 1;
        memmove(s->heard, end + 1, s->heard_length);
        return true;
}

/* The next answer's last line; its code, or 0 when none came. */
static int hear(struct ftp_stou *s, struct ftp_answer *answer)
{
        answer->code = 0;
        for (;;) {
                while (take_line(s, answer)) {
                        const char *t = answer->text;
                        if (strspn(t, "0123456789") >= 3 && t[3] != '-') {
                                answer->code = (int)strtol(t, NULL, 10);
                                return answer->code;
                        }
                }
                size_t room = sizeof s->heard - s->heard_length;
                size_t got = 0;
                CURLcode code = room == 0 ? CURLE_RECV_ERROR
                                          : curl_easy_recv(s->control, s->heard + s->heard_length,
                                                           room, &got);
                if (code == CURLE_AGAIN && await(s, s->control, POLLIN))
                        continue;
                if (code != CURLE_OK || got == 0) {
                        snprintf(answer->text, sizeof answer->text, "no answer");
                        return 0;
                }
                s->heard_length += got;
        }
}

static bool ask(struct ftp_stou *s, const char *verb, const char *argument,
                struct ftp_answer *answer)
{
        if (!command(s, verb, argument)) {
                snprintf(answer->text, sizeof answer->text, "the connection broke");
                answer->code = 0;
                return false;
        }
        int code = hear(s, answer);
        return code >= 100 && code < 400;
}

/* Connects to the port that the server opened; with TLS its handshake as well. */
static CURL *connect_data(const struct ftp_stou *s, int port)
{
        CURL *data = curl_easy_init();
        if (data == NULL)
                return NULL;
        bool tls = s->target->implicit_tls || s->target->explicit_tls;
        char url[FTP_USER_SIZE + 32];
        snprintf(url, sizeof url, "%s://%s:%d/", tls ? "https" : "http", s->target->host, port);
        curl_easy_setopt(data, CURLOPT_URL, url);
        curl_easy_setopt(data, CURLOPT_CONNECT_ONLY, 1L);
        curl_easy_setopt(data, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(data, CURLOPT_PROXY, "");
        curl_easy_setopt(data, CURLOPT_CONNECTTIMEOUT, 15L);
        curl_easy_setopt(data, CURLOPT_SSL_ENABLE_ALPN, 0L);
        curl_easy_setopt(data, CURLOPT_SSL_VERIFYPEER, s->target->insecure ? 0L : 1L);
        curl_easy_setopt(data, CURLOPT_SSL_VERIFYHOST, s->target->insecure ? 0L : 2L);
        if (s->target->insecure) { /* as in ftp_send.c */
                curl_easy_setopt(data, CURLOPT_CAINFO, NULL);
                curl_easy_setopt(data, CURLOPT_CAPATH, NULL);
        }
        if (curl_easy_perform(data) == CURLE_OK)
                return data;
        curl_easy_cleanup(data);
        return NULL;
}

static bool connect_control(struct ftp_stou *s, struct ftp_answer *answer)
{
        if (s->connected)
                return true;
        s->heard_length = 0;
        CURLcode code = curl_easy_perform(s->control);
        long said = 0;
        curl_easy_getinfo(s->control, CURLINFO_RESPONSE_CODE, &said);
        answer->code = code == CURLE_OK || said >= 400 ? (int)said : 0;
        answer->login = code == CURLE_LOGIN_DENIED;
        if (code != CURLE_OK) {
                snprintf(answer->text, sizeof answer->text, "%s", curl_easy_strerror(code));
                return false;
        }
        s->connected = ask(s, "TYPE", "I", answer);
        return s->connected;
}

/* The data goes its way after the command was said: a server may begin TLS only then. */
static bool transfer(struct ftp_stou *s, const struct ftp_parcel *parcel, int port,
                     struct ftp_answer *answer, struct mono *last_byte_out)
{
        char path[FTP_URL_SIZE + 128];
        snprintf(path, sizeof path, "%s%s/%s", s->target->path, parcel->folder, parcel->name);
        if (!command(s, "STOU", path)) {
                snprintf(answer->text, sizeof answer->text, "the connection broke");
                return false;
        }
        CURL *data = connect_data(s, port);
        bool ok = hear(s, answer) >= 100 && answer->code < 200 && data != NULL;
        ok = ok &&
             send_all(s, data, parcel->bytes, parcel->cut ? parcel->length / 2 : parcel->length);
        *last_byte_out = mono_now();
        if (data != NULL)
                curl_easy_cleanup(data);
        return ok && !parcel->cut;
}

void ftp_stou_upload(struct ftp_stou *s, const struct ftp_parcel *parcel, struct ftp_answer *answer)
{
        *answer = (struct ftp_answer){0};
        struct mono last_byte = mono_now();
        if (!connect_control(s, answer))
                return;
        int port = 0;
        if (ask(s, "EPSV", "", answer)) {
                const char *at = strstr(answer->text, "|||");
                port = at != NULL ? (int)strtol(at + 3, NULL, 10) : 0;
        }
        if (port > 0 && transfer(s, parcel, port, answer, &last_byte))
                answer->acknowledged = hear(s, answer) == 226 || answer->code == 250;
        answer->ms = (mono_now().ns - last_byte.ns) / 1000000;
}
