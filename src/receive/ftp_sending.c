/* Sending by a data connection: lists, and frames to who may download. */
#include <unistd.h>

#include "receive/ftp_connection.h"

enum { SEND_PIECE = 64 << 10, LISTING_MAX = 1 << 20 };

bool ftp_sending_prepare(struct ftp_connection *connection)
{
        const struct ftp_host *host = &connection->server->config.host;
        struct ftp_session *session = &connection->session;
        struct ftp_transfer *transfer = &connection->transfer;
        if (session->pending == FTP_SEND_TEXT) {
                text_init_growing(&transfer->text, LISTING_MAX);
                ftp_session_listing(session, &transfer->text);
                return text_ok(&transfer->text);
        }
        struct error err = {0};
        if (host->open_frame == NULL ||
            !host->open_frame(host->context, &session->want.frame, &transfer->file,
                              &transfer->offset, &transfer->left, &err))
                return false;
        if (session->want.resume > transfer->left)
                return false;
        transfer->offset += session->want.resume;
        transfer->left -= session->want.resume;
        return true;
}

/* The next piece to send; 0 at the end, -1 when the file cannot be read. */
static ssize_t next_piece(struct ftp_transfer *transfer, char *buffer, const char **piece_out)
{
        if (transfer->file < 0) {
                *piece_out = transfer->text.bytes + transfer->sent;
                return (ssize_t)(transfer->text.length - transfer->sent);
        }
        *piece_out = buffer;
        if (transfer->left == 0)
                return 0;
        size_t wanted = transfer->left < SEND_PIECE ? (size_t)transfer->left : SEND_PIECE;
        ssize_t got = pread(transfer->file, buffer, wanted, transfer->offset);
        return got > 0 ? got : -1;
}

void ftp_sending_go_on(struct ftp_connection *connection)
{
        struct ftp_transfer *transfer = &connection->transfer;
        char buffer[SEND_PIECE];
        for (int i = 0; i < FTP_READS_A_TURN; i++) {
                const char *piece;
                size_t written = 0;
                ssize_t length = next_piece(transfer, buffer, &piece);
                if (length < 0) {
                        ftp_transfer_conclude(connection, FTP_LOCAL_ERROR, NULL);
                        return;
                }
                enum ftp_stream_state state = length == 0
                                                      ? ftp_stream_part(&transfer->stream)
                                                      : ftp_stream_write(&transfer->stream, piece,
                                                                         (size_t)length, &written);
                transfer->sent += written;
                transfer->offset += (int64_t)written;
                transfer->left -= (int64_t)written;
                transfer->moved += (int64_t)written;
                connection->session.transferred += (int64_t)written;
                if (state == FTP_STREAM_WAIT_READ || state == FTP_STREAM_WAIT_WRITE) {
                        ftp_transfer_wait(connection, state);
                        return;
                }
                if (length == 0 || state != FTP_STREAM_GOOD) {
                        ftp_transfer_conclude(connection,
                                              state == FTP_STREAM_GOOD ? FTP_DONE : FTP_CUT, NULL);
                        return;
                }
        }
        ftp_transfer_wait(connection, FTP_STREAM_WAIT_WRITE);
}
