#include "receive/ftp_stream.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct ftp_tls {
        gnutls_certificate_credentials_t credentials;
        gnutls_priority_t priority;
        gnutls_datum_t ticket_key;
};

bool ftp_tls_create(const char *certificate, const char *key, const char *priority,
                    struct ftp_tls **tls_out, struct error *err)
{
        struct ftp_tls *tls = calloc(1, sizeof *tls);
        if (tls == NULL)
                return error_set(err, ERROR_FULL, "no memory for TLS");
        int status = gnutls_certificate_allocate_credentials(&tls->credentials);
        if (status >= 0)
                status = gnutls_certificate_set_x509_key_file(tls->credentials, certificate, key,
                                                              GNUTLS_X509_FMT_PEM);
        if (status < 0) {
                error_set(err, ERROR_INPUT, "certificate %s with key %s: %s", certificate, key,
                          gnutls_strerror(status));
                ftp_tls_destroy(&tls);
                return false;
        }
        status = gnutls_priority_init2(
                &tls->priority, priority != NULL ? priority : "-VERS-TLS1.1:-VERS-TLS1.0", NULL,
                priority != NULL ? 0 : GNUTLS_PRIORITY_INIT_DEF_APPEND);
        if (status < 0) {
                error_set(err, ERROR_INPUT, "TLS priorities \"%s\": %s",
                          priority != NULL ? priority : "", gnutls_strerror(status));
                ftp_tls_destroy(&tls);
                return false;
        }
        /* Without the key sessions are not resumed, which no client needs. */
        (void)gnutls_session_ticket_key_generate(&tls->ticket_key);
        *tls_out = tls;
        return true;
}

void ftp_tls_destroy(struct ftp_tls **tls)
{
        struct ftp_tls *gone = *tls;
        *tls = NULL;
        if (gone == NULL)
                return;
        if (gone->credentials != NULL)
                gnutls_certificate_free_credentials(gone->credentials);
        if (gone->priority != NULL)
                gnutls_priority_deinit(gone->priority);
        gnutls_free(gone->ticket_key.data);
        free(gone);
}

void ftp_stream_init(struct ftp_stream *stream, int fd)
{
        *stream = (struct ftp_stream){.fd = fd};
}

bool ftp_stream_secure(struct ftp_stream *stream, struct ftp_tls *tls, bool control)
{
        gnutls_session_t session = NULL;
        unsigned flags = GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL;
        if (gnutls_init(&session, control ? flags : flags | GNUTLS_NO_AUTO_SEND_TICKET) < 0)
                return false;
        if (gnutls_priority_set(session, tls->priority) < 0 ||
            gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, tls->credentials) < 0) {
                gnutls_deinit(session);
                return false;
        }
        if (tls->ticket_key.data != NULL)
                (void)gnutls_session_ticket_enable_server(session, &tls->ticket_key);
        gnutls_certificate_server_set_request(session, GNUTLS_CERT_IGNORE);
        gnutls_handshake_set_timeout(session, GNUTLS_INDEFINITE_TIMEOUT);
        gnutls_transport_set_int(session, stream->fd);
        stream->tls = session;
        stream->shaking = true;
        return true;
}

static enum ftp_stream_state state_of_tls(struct ftp_stream *stream, ssize_t status)
{
        if (status == GNUTLS_E_AGAIN || status == GNUTLS_E_INTERRUPTED)
                return gnutls_record_get_direction(stream->tls) ? FTP_STREAM_WAIT_WRITE
                                                                : FTP_STREAM_WAIT_READ;
        if (status == 0 || status == GNUTLS_E_PREMATURE_TERMINATION)
                return FTP_STREAM_END;
        return FTP_STREAM_BROKEN;
}

enum ftp_stream_state ftp_stream_shake(struct ftp_stream *stream)
{
        while (stream->shaking) {
                int status = gnutls_handshake(stream->tls);
                if (status == GNUTLS_E_SUCCESS)
                        stream->shaking = false;
                else if (status == GNUTLS_E_AGAIN || status == GNUTLS_E_INTERRUPTED)
                        return state_of_tls(stream, status);
                else if (gnutls_error_is_fatal(status))
                        return FTP_STREAM_BROKEN;
        }
        return FTP_STREAM_GOOD;
}

enum ftp_stream_state ftp_stream_read(struct ftp_stream *stream, void *buffer, size_t room,
                                      size_t *length_out)
{
        *length_out = 0;
        if (stream->tls == NULL) {
                ssize_t got = recv(stream->fd, buffer, room, 0);
                if (got > 0) {
                        *length_out = (size_t)got;
                        return FTP_STREAM_GOOD;
                }
                if (got == 0)
                        return FTP_STREAM_END;
                return errno == EAGAIN || errno == EINTR ? FTP_STREAM_WAIT_READ : FTP_STREAM_BROKEN;
        }
        enum ftp_stream_state state = ftp_stream_shake(stream);
        if (state != FTP_STREAM_GOOD)
                return state;
        ssize_t got = gnutls_record_recv(stream->tls, buffer, room);
        if (got > 0) {
                *length_out = (size_t)got;
                return FTP_STREAM_GOOD;
        }
        if (got == GNUTLS_E_REHANDSHAKE)
                return FTP_STREAM_WAIT_READ; /* passed over, as RFC 5246 allows */
        return state_of_tls(stream, got);
}

enum ftp_stream_state ftp_stream_write(struct ftp_stream *stream, const void *bytes, size_t length,
                                       size_t *written_out)
{
        *written_out = 0;
        ssize_t written = 0;
        if (stream->tls == NULL) {
                written = send(stream->fd, bytes, length, MSG_NOSIGNAL);
                if (written < 0)
                        return errno == EAGAIN || errno == EINTR ? FTP_STREAM_WAIT_WRITE
                                                                 : FTP_STREAM_BROKEN;
        } else {
                enum ftp_stream_state state = ftp_stream_shake(stream);
                if (state != FTP_STREAM_GOOD)
                        return state;
                written = gnutls_record_send(stream->tls, bytes, length);
                if (written < 0)
                        return state_of_tls(stream, written);
        }
        *written_out = (size_t)written;
        return FTP_STREAM_GOOD;
}

bool ftp_stream_has_more(const struct ftp_stream *stream)
{
        return stream->tls != NULL && !stream->shaking &&
               gnutls_record_check_pending(stream->tls) > 0;
}

enum ftp_stream_state ftp_stream_part(struct ftp_stream *stream)
{
        if (stream->tls == NULL || stream->shaking || stream->parted)
                return FTP_STREAM_GOOD;
        int status = gnutls_bye(stream->tls, GNUTLS_SHUT_WR);
        if (status == GNUTLS_E_AGAIN || status == GNUTLS_E_INTERRUPTED)
                return FTP_STREAM_WAIT_WRITE;
        stream->parted = true;
        return status < 0 ? FTP_STREAM_BROKEN : FTP_STREAM_GOOD;
}

void ftp_stream_close(struct ftp_stream *stream)
{
        if (stream->tls != NULL) {
                (void)ftp_stream_part(stream);
                gnutls_deinit(stream->tls);
        }
        if (stream->fd >= 0)
                close(stream->fd);
        *stream = (struct ftp_stream){.fd = -1};
}
