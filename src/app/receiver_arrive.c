/* What the network thread hands over. */
#include <stdlib.h>
#include <string.h>

#include "app/receiver_job.h"

enum { AT_ONCE = 32 /* uploads that the network thread works off itself */ };

void delivery_queue_put(struct delivery_queue *queue, struct delivery *delivery)
{
        delivery->next = NULL;
        *queue->last = delivery;
        queue->last = &delivery->next;
        queue->length++;
}

static void no_memory(struct receiver *receiver, struct ftp_ticket ticket, bool published)
{
        const struct ftp_answer answer = {ticket, published, {.outcome = FTP_LOCAL_ERROR}};
        receiver->config.answer(receiver->config.context, &answer, 1);
}

void receiver_take(struct receiver *receiver, struct ftp_ticket ticket, struct upload **upload)
{
        struct delivery *delivery = calloc(1, sizeof *delivery);
        if (delivery == NULL) {
                upload_free(upload);
                no_memory(receiver, ticket, false);
                return;
        }
        delivery->upload = *upload;
        delivery->ticket = ticket;
        delivery->receipt = RECEIPT_STORED;
        *upload = NULL;
        delivery_queue_put(&receiver->arrived, delivery);
}

void receiver_take_cut(struct receiver *receiver, struct upload **upload)
{
        struct delivery *delivery = (*upload)->size > 0 ? calloc(1, sizeof *delivery) : NULL;
        if (delivery == NULL) {
                upload_free(upload); /* nothing came, or no memory to keep what did */
                return;
        }
        delivery->upload = *upload;
        delivery->upload->end = UPLOAD_CUT;
        *upload = NULL;
        delivery_queue_put(&receiver->arrived, delivery);
}

bool delivery_queue_put_held(struct delivery_queue *queue, const struct delivery *like,
                             const char *path)
{
        struct delivery *delivery = calloc(1, sizeof *delivery);
        if (delivery == NULL)
                return false;
        *delivery = *like;
        delivery->path = path != NULL ? strdup(path) : NULL;
        if (path != NULL && delivery->path == NULL) {
                free(delivery);
                return false;
        }
        delivery_queue_put(queue, delivery);
        return true;
}

void receiver_publish(struct receiver *receiver, struct ftp_ticket ticket, uint64_t handle,
                      const char *path)
{
        struct delivery like = {.ticket = ticket, .receipt = RECEIPT_PUBLISHED, .handle = handle};
        if (!delivery_queue_put_held(&receiver->arrived, &like, path))
                no_memory(receiver, ticket, true);
}

void receiver_drop(struct receiver *receiver, uint64_t handle)
{
        struct delivery like = {.handle = handle, .end = UPLOAD_DROPPED};
        (void)delivery_queue_put_held(&receiver->arrived, &like,
                                      NULL); /* else it is taken when it is due */
}

/* ---- with durability: os ---- */

/* A picture of the usual kind, whose sender needs nothing but the answer. */
static bool is_simple(const struct delivery *delivery)
{
        const struct upload *upload = delivery->upload;
        return delivery->receipt == RECEIPT_STORED && upload != NULL && upload->fd < 0 &&
               upload->end == UPLOAD_WHOLE && !upload->readable;
}

static size_t take_simple(struct delivery_queue *queue, struct delivery *items[static AT_ONCE])
{
        size_t count = 0;
        struct delivery *next = queue->first;
        *queue = (struct delivery_queue){.last = &queue->first};
        while (next != NULL) {
                struct delivery *delivery = next;
                next = delivery->next;
                if (count < AT_ONCE && is_simple(delivery))
                        items[count++] = delivery;
                else
                        delivery_queue_put(queue, delivery);
        }
        return count;
}

/*
 * Where the kernel's word is enough, a picture of a camera that is known and whose hour file is
 * open is given to the kernel here: that waits for nobody, while to wake the thread for it costs as
 * much as all the rest. Unless the thread is at work.
 */
static void work_here(struct receiver *receiver)
{
        struct delivery *items[AT_ONCE];
        if (pthread_mutex_trylock(&receiver->work) != 0)
                return;
        if (receiver_ready(receiver)) {
                receiver->hurried = true;
                senders_hurry(receiver->senders, true);
                receiver_work(receiver, items, take_simple(&receiver->arrived, items));
                senders_hurry(receiver->senders, false);
                receiver->hurried = false;
        }
        pthread_mutex_unlock(&receiver->work);
}

void receiver_go(struct receiver *receiver)
{
        struct delivery_queue *arrived = &receiver->arrived;
        if (arrived->first == NULL)
                return;
        if (receiver->config.durability == DURABILITY_OS)
                work_here(receiver);
        pthread_mutex_lock(&receiver->lock);
        if (arrived->first != NULL) {
                *receiver->queue.last = arrived->first;
                receiver->queue.last = arrived->last;
                receiver->queue.length += arrived->length;
        }
        bool idle = receiver->idle && receiver->queue.first != NULL;
        receiver->idle = receiver->idle && !idle;
        pthread_mutex_unlock(&receiver->lock);
        *arrived = (struct delivery_queue){.last = &arrived->first};
        if (idle)
                pthread_cond_broadcast(&receiver->changed);
}
