#pragma once

#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/*
 * A socket that does not block, with or without TLS around it. TLS 1.2 at least by default (RFC
 * 4217, 8446); a peer that closes a data connection without close_notify has closed it all the
 * same.
 */
struct ftp_tls;

/* Loads certificate and key (PEM). `priority` may be NULL. */
bool ftp_tls_create(const char *certificate, const char *key, const char *priority,
                    struct ftp_tls **tls_out, struct error *err) MUST_CHECK;
void ftp_tls_destroy(struct ftp_tls **tls);

struct ftp_stream {
        int fd; /* -1: none */
        gnutls_session_t tls;
        bool shaking; /* the handshake is not finished */
        bool parted;  /* goodbye was said */
};

enum ftp_stream_state {
        FTP_STREAM_GOOD,
        FTP_STREAM_WAIT_READ,  /* nothing now; when readable */
        FTP_STREAM_WAIT_WRITE, /* nothing now; when writable */
        FTP_STREAM_END,        /* the peer closed it */
        FTP_STREAM_BROKEN      /* reset, or TLS that cannot go on */
};

/* Takes the descriptor, which must not block. */
void ftp_stream_init(struct ftp_stream *stream, int fd);

/* Puts TLS around it, as the server; the handshake goes on within read and write. Tickets go to the
 * control connection only: one that an uploading client never reads turns its closing into a
 * reset. */
bool ftp_stream_secure(struct ftp_stream *stream, struct ftp_tls *tls, bool control) MUST_CHECK;

/* Goes on with a handshake; FTP_STREAM_GOOD when there is none (any more). */
enum ftp_stream_state ftp_stream_shake(struct ftp_stream *stream);

enum ftp_stream_state ftp_stream_read(struct ftp_stream *stream, void *buffer, size_t room,
                                      size_t *length_out);
enum ftp_stream_state ftp_stream_write(struct ftp_stream *stream, const void *bytes, size_t length,
                                       size_t *written_out);

/* Nothing more will be written: says so, as TLS wants it; FTP_STREAM_GOOD when that is done. */
enum ftp_stream_state ftp_stream_part(struct ftp_stream *stream);

/* Bytes are decrypted already and can be read without the socket being readable. */
bool ftp_stream_has_more(const struct ftp_stream *stream);

/* Says goodbye as far as that is possible at once, and closes. Accepts a closed one. */
void ftp_stream_close(struct ftp_stream *stream);
