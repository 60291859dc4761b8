/* Where data connections go: PORT, EPRT (RFC 2428), PASV, EPSV. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <arpa/inet.h>

#include "receive/ftp_verbs.h"

enum { PORT_LEAST = 1024 };

static bool same_address(const struct ftp_address *a, const struct ftp_address *b)
{
        return a->six == b->six && memcmp(a->bytes, b->bytes, a->six ? 16 : 4) == 0;
}

/* Only to the client itself, and to no port of a service (RFC 2577: no bouncing). */
static void connect_to(struct ftp_session *session, const struct ftp_address *address,
                       unsigned port, struct text *replies)
{
        if (!same_address(address, &session->config.peer) || port < PORT_LEAST || port > 65535) {
                ftp_reply(session, replies,
                          "500 Data goes to your own address and a port from %d on only",
                          PORT_LEAST);
                return;
        }
        session->want.port = (uint16_t)port;
        session->has_data = true;
        session->pending = FTP_CONNECT_TO;
        ftp_reply(session, replies, "200 Understood");
}

/* True after a reply, when EPSV ALL forbids the verb. */
static bool only_extended(struct ftp_session *session, struct text *replies)
{
        if (session->extended_only)
                ftp_reply(session, replies, "501 You said EPSV ALL");
        return session->extended_only;
}

void ftp_verb_port(struct ftp_session *session, const char *argument, size_t length,
                   struct text *replies)
{
        unsigned numbers[6] = {0};
        size_t at = 0;
        int count = 0;
        if (only_extended(session, replies))
                return;
        while (count < 6 && at < length) {
                size_t digits = 0;
                while (at < length && argument[at] >= '0' && argument[at] <= '9' && digits < 3) {
                        numbers[count] = numbers[count] * 10 + (unsigned)(argument[at] - '0');
                        at++;
                        digits++;
                }
                if (digits == 0 || numbers[count] > 255)
                        break;
                count++;
                if (count < 6 && (at == length || argument[at++] != ','))
                        break;
        }
        while (at < length && argument[at] == ' ')
                at++;
        if (count != 6 || at != length) {
                ftp_reply(session, replies, "501 PORT takes h1,h2,h3,h4,p1,p2");
                return;
        }
        struct ftp_address address = {0};
        for (int i = 0; i < 4; i++)
                address.bytes[i] = (uint8_t)numbers[i];
        connect_to(session, &address, numbers[4] << 8 | numbers[5], replies);
}

/* The next field up to the delimiter; false when there is none, or it does not fit. */
static bool field(const char **at, const char *end, char delimiter, char *out, size_t size)
{
        const char *stop = memchr(*at, delimiter, (size_t)(end - *at));
        if (stop == NULL || (size_t)(stop - *at) >= size)
                return false;
        memcpy(out, *at, (size_t)(stop - *at));
        out[stop - *at] = '\0';
        *at = stop + 1;
        return true;
}

void ftp_verb_eprt(struct ftp_session *session, const char *argument, size_t length,
                   struct text *replies)
{
        char family[4];
        char host[INET6_ADDRSTRLEN];
        char port[8];
        const char *at = argument + 1;
        const char *end = argument + length;
        unsigned number = 0;
        if (only_extended(session, replies))
                return;
        bool good = length > 2 && field(&at, end, argument[0], family, sizeof family) &&
                    field(&at, end, argument[0], host, sizeof host) &&
                    field(&at, end, argument[0], port, sizeof port);
        for (size_t i = 0; good && port[i] != '\0'; i++) {
                good = port[i] >= '0' && port[i] <= '9';
                number = number * 10 + (unsigned)(port[i] - '0');
        }
        if (!good) {
                ftp_reply(session, replies, "501 EPRT takes |family|address|port|");
                return;
        }
        struct ftp_address address = {.six = strcmp(family, "2") == 0};
        if (!address.six && strcmp(family, "1") != 0) {
                ftp_reply(session, replies, "522 Use protocol (1,2)");
                return;
        }
        if (inet_pton(address.six ? AF_INET6 : AF_INET, host, address.bytes) != 1) {
                ftp_reply(session, replies, "501 That is not an address");
                return;
        }
        connect_to(session, &address, number, replies);
}

void ftp_verb_pasv(struct ftp_session *session, const char *argument, size_t length,
                   struct text *replies)
{
        (void)argument;
        (void)length;
        if (only_extended(session, replies))
                return;
        if (session->config.local.six) {
                ftp_reply(session, replies, "425 PASV is for IPv4; use EPSV");
                return;
        }
        session->want.extended = false;
        session->pending = FTP_LISTEN;
}

void ftp_verb_epsv(struct ftp_session *session, const char *argument, size_t length,
                   struct text *replies)
{
        while (length > 0 && argument[length - 1] == ' ')
                length--;
        if (length == 3 && strncasecmp(argument, "ALL", 3) == 0) {
                session->extended_only = true;
                ftp_reply(session, replies, "200 EPSV only from now on");
                return;
        }
        char family = session->config.local.six ? '2' : '1';
        if (length > 1 || (length == 1 && argument[0] != family)) {
                ftp_reply(session, replies, "522 Use protocol (%c)", family);
                return;
        }
        session->want.extended = true;
        session->pending = FTP_LISTEN;
}

void ftp_session_listening(struct ftp_session *session, uint16_t port, struct text *replies)
{
        session->pending = FTP_NOTHING;
        if (port == 0) {
                session->has_data = false;
                ftp_reply(session, replies, "425 No port is free for a data connection");
                return;
        }
        session->has_data = true;
        if (session->want.extended) {
                ftp_reply(session, replies, "229 Entering extended passive mode (|||%u|)", port);
                return;
        }
        const struct ftp_address *address = session->config.has_public_address
                                                    ? &session->config.public_address
                                                    : &session->config.local;
        ftp_reply(session, replies, "227 Entering passive mode (%u,%u,%u,%u,%u,%u)",
                  address->bytes[0], address->bytes[1], address->bytes[2], address->bytes[3],
                  (unsigned)port >> 8, port & 255u);
}
