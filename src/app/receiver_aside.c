#include <inttypes.h>
#include <string.h>

#include "app/receiver_job.h"
#include "base/log.h"

/* Halves of pictures of a camera with a bad connection say the same thing over and over: the newest
 * are enough, and room is left for what others have to tell. 0: all are kept, while there is room.
 */
static const size_t most_of[REJECTS] = {[REJECT_CUT] = 20, [REJECT_INCOMPLETE] = 100};

static bool put(struct receiver *receiver, struct delivery *delivery, struct error *err)
{
        struct upload *upload = delivery->upload;
        bool rejected = delivery->finding.verdict == VERDICT_QUARANTINE;
        char reason[REJECT_SENTENCE_SIZE];
        const uint8_t *bytes;
        int64_t unsaid = 0;
        struct aside_note note = {
                .owner = delivery->owner,
                .path = upload->path,
                .user = upload->user,
                .peer = upload->peer,
                .reason = rejected ? reason : NULL,
                .started = upload->started,
                .received = upload->ended,
                .tag = (uint8_t)delivery->finding.reject,
                .most = most_of[delivery->finding.reject],
        };
        reject_sentence(delivery->finding.reject, upload, &delivery->facts, reason);
        if (!upload_view(upload, &bytes, err) ||
            !aside_put(rejected ? receiver->quarantine : receiver->attachments, &note, bytes,
                       (size_t)upload->size, err))
                return false;
        if (rejected && log_limit_take(&receiver->quarantined, mono_now(), &unsaid))
                log_info("ftp", "quarantined",
                         "owner=\"%s\" path=\"%s\" why=\"%s\" unsaid=%" PRId64, delivery->owner,
                         upload->path, reason, unsaid);
        pthread_mutex_lock(&receiver->lock);
        if (rejected)
                receiver->counters.rejects[delivery->finding.reject]++;
        else
                receiver->counters.attachments++;
        pthread_mutex_unlock(&receiver->lock);
        return true;
}

static bool hold(struct receiver *receiver, struct delivery *delivery, struct error *err)
{
        if (!held_put(receiver->held, delivery->upload, &delivery->result.handle, err))
                return false;
        delivery->result.outcome = FTP_HELD;
        pthread_mutex_lock(&receiver->lock);
        receiver->counters.held++;
        pthread_mutex_unlock(&receiver->lock);
        return true;
}

static void keep(struct receiver *receiver, struct delivery *delivery)
{
        struct error err = {0};
        delivery->result = (struct ftp_result){.outcome = FTP_DONE, .size = delivery->upload->size};
        /* Who is still there sends it again. */
        if (delivery->finding.reject == REJECT_CUT && delivery->receipt != RECEIPT_NONE)
                delivery->result = (struct ftp_result){
                        .outcome = FTP_LOCAL_ERROR, .why = "fewer bytes came than were announced"};
        bool ok = delivery->finding.verdict == VERDICT_HOLD ? hold(receiver, delivery, &err)
                                                            : put(receiver, delivery, &err);
        if (ok && delivery->handle != 0)
                held_done(receiver->held, delivery->handle);
        if (ok) {
                delivery->handle = 0;
                return;
        }
        log_error("ftp", "not-kept", "path=\"%s\" why=\"%s\"", delivery->upload->path, err.text);
        delivery->result.outcome = err.kind == ERROR_FULL ? FTP_NO_SPACE : FTP_LOCAL_ERROR;
}

void *receiver_run_aside(void *context)
{
        struct receiver *receiver = context;
        struct delivery_queue *queue = &receiver->aside_queue;
        pthread_setname_np(pthread_self(), "aside");
        for (;;) {
                pthread_mutex_lock(&receiver->lock);
                while (queue->first == NULL && !receiver->aside_stopping)
                        pthread_cond_wait(&receiver->aside_changed, &receiver->lock);
                struct delivery *delivery = queue->first;
                if (delivery != NULL) {
                        queue->first = delivery->next;
                        if (queue->first == NULL)
                                queue->last = &queue->first;
                        queue->length--;
                }
                pthread_mutex_unlock(&receiver->lock);
                if (delivery == NULL)
                        return NULL;
                keep(receiver, delivery);
                receiver_answer(receiver, &delivery);
        }
}
