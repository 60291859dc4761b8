#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "simulate/delivery_form.h"
#include "simulate/ftp_send.h"
#include "simulate/random.h"

enum { FIRST_PAUSE_MS = 100, LONGEST_PAUSE_MS = 10000, CUT_ONE_IN = 5 };

struct delivery_ftp {
        const struct delivery_options *options; /* borrowed */
        struct ftp_send *send;
        struct rng rng;   /* of the cuts */
        bool trusted;     /* it was let in before */
        bool complaining; /* the log knows that it does not work */
};

static bool stopped(void *context)
{
        const struct delivery_ftp *f = context;
        return !f->options->pause(f->options->context, 0);
}

bool delivery_ftp_open(const struct delivery_options *options, struct delivery_ftp **out,
                       struct error *err)
{
        char user[FTP_USER_SIZE];
        struct delivery_ftp *f = calloc(1, sizeof *f);
        if (f == NULL)
                return error_set(err, ERROR_FULL, "no memory for a camera's FTP session");
        f->options = options;
        f->rng.state = mix64((uint64_t)options->number ^ 0xc07);
        if (!ftp_target_user(options->ftp, options->name, options->number, user, err) ||
            !ftp_send_create(options->ftp, user, stopped, f, &f->send, err)) {
                free(f);
                return false;
        }
        *out = f;
        return true;
}

void delivery_ftp_rest(struct delivery_ftp *f)
{
        ftp_send_rest(f->send);
}

void delivery_ftp_close(struct delivery_ftp **ftp)
{
        if (*ftp == NULL)
                return;
        ftp_send_free(&(*ftp)->send);
        free(*ftp);
        *ftp = NULL;
}

/* One line when it begins not to work, and one when it works again. */
static void tell(struct delivery_ftp *f, const struct ftp_answer *answer)
{
        if (answer->acknowledged && f->complaining)
                log_info("simulate", "upload-works-again", "camera=%s", f->options->name);
        else if (!answer->acknowledged && !f->complaining)
                log_warn("simulate", "upload-failed", "camera=%s why=\"%s\" retry=yes",
                         f->options->name, answer->text);
        f->complaining = !answer->acknowledged;
}

static bool note_ack(struct delivery_ftp *f, const struct parcel *parcel, struct error *err)
{
        char path[FTP_URL_SIZE + 160];
        snprintf(path, sizeof path, "%s%s/%s", f->options->ftp->path, parcel->folder, parcel->name);
        return f->options->acks == NULL ||
               acks_add(f->options->acks, parcel->bytes, parcel->length, path, err);
}

static bool one_try(struct delivery_ftp *f, struct ftp_parcel *parcel, struct delivery_tally *tally,
                    struct ftp_answer *answer, struct error *err)
{
        ftp_send_upload(f->send, parcel, answer);
        tally->sent++;
        if (answer->acknowledged) {
                tally->acknowledged++;
                tally->bytes += (int64_t)parcel->length;
                f->trusted = true;
                if (answer->ms > tally->slowest_ms)
                        tally->slowest_ms = answer->ms;
        } else if (answer->code >= 400) {
                tally->refused++;
        } else if (parcel->cut) {
                tally->cut++;
        } else {
                tally->broken++;
        }
        if (!parcel->cut)
                tell(f, answer);
        /* who was let in once tries on: the server may be in trouble for a while */
        if (answer->login && answer->code == 530 && !f->trusted)
                return error_set(err, ERROR_DENIED, "the FTP server does not let %s in: %s",
                                 f->options->name, answer->text);
        return true;
}

bool delivery_ftp_store(struct delivery_ftp *f, const struct parcel *parcel,
                        struct delivery_tally *tally, struct error *err)
{
        bool cuts = (f->options->ftp->habits & FTP_HABIT_CUT) != 0;
        struct ftp_parcel upload = {
                .folder = parcel->folder,
                .name = parcel->name,
                .bytes = parcel->bytes,
                .length = parcel->length,
                .cut = cuts && rng_below(&f->rng, CUT_ONE_IN) == 0,
        };
        int pause_ms = FIRST_PAUSE_MS;
        for (;;) {
                struct ftp_answer answer;
                if (!one_try(f, &upload, tally, &answer, err))
                        return false;
                if (answer.acknowledged)
                        return note_ack(f, parcel, err);
                bool go_on = f->options->pause(f->options->context, upload.cut ? 1 : pause_ms);
                if (!go_on) {
                        tally->unacknowledged++;
                        return true;
                }
                if (!upload.cut)
                        pause_ms =
                                pause_ms * 2 < LONGEST_PAUSE_MS ? pause_ms * 2 : LONGEST_PAUSE_MS;
                upload.cut = false;
                tally->retried++;
        }
}
