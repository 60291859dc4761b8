#include <stdio.h>
#include <string.h>

#include "app/receiver_job.h"
#include "base/log.h"
#include "catalog/catalog.h"
#include "model/kind.h"
#include "parse/understand.h"

static bool refuse(struct delivery *delivery, enum ftp_outcome outcome, const char *why)
{
        delivery->result = (struct ftp_result){.outcome = outcome, .why = why};
        return false;
}

static bool local_error(struct receiver *receiver, struct delivery *delivery,
                        const struct error *err)
{
        delivery->later = receiver->hurried && err->kind == ERROR_BUSY;
        if (delivery->later)
                return false;
        log_error("ftp", "not-stored", "path=\"%s\" why=\"%s\"", delivery->upload->path, err->text);
        return refuse(delivery, FTP_LOCAL_ERROR, NULL);
}

static void understand(struct delivery *delivery, const uint8_t *bytes, const struct sender *sender)
{
        const struct upload *upload = delivery->upload;
        size_t size = (size_t)upload->size;
        const char *path = upload->path[0] == '/' ? upload->path + 1 : upload->path;
        struct understand_context context = {
                .path = path,
                .path_length = strlen(path),
                .template = sender->template,
                .zone = sender->zone,
                .received = upload->ended,
                .now = upload->ended,
                .bytes = upload->size,
        };
        size_t head = size < UNDERSTAND_HEAD_FIRST ? size : UNDERSTAND_HEAD_FIRST;
        size_t wanted;
        while ((wanted = understand_head(bytes, head, head == size, &context, &delivery->facts)) >
               head)
                head = wanted < size ? wanted : size;
        if (size > 0)
                understand_end(bytes, size, &delivery->facts);
}

void receiver_account_owner(const char *user, char out[static ASIDE_OWNER_SIZE])
{
        out[0] = '@';
        aside_escape(user, strlen(user), out + 1, ASIDE_OWNER_SIZE - 1);
}

static void own(struct delivery *delivery, const struct sender *sender,
                const struct account *account)
{
        if (sender != NULL) {
                snprintf(delivery->owner, sizeof delivery->owner, "%s", sender->camera.directory);
                return;
        }
        receiver_account_owner(account != NULL ? account->user : delivery->upload->user,
                               delivery->owner);
}

/* True when a frame of an earlier run is in the catalog: the same camera, times and size. */
static bool is_known(struct receiver *receiver, const struct delivery *delivery)
{
        struct catalog *catalog;
        struct frame_cursor *cursor = NULL;
        const struct frame *frame;
        struct error err = {0};
        bool known = false;
        struct utc time = delivery->facts.time;
        if (!senders_catalog(receiver->senders, &catalog, &err) ||
            !catalog_frames_open(catalog, &(struct stretch){delivery->camera, time, time}, NULL,
                                 &cursor, &err))
                return false;
        while (!known && frame_cursor_next(cursor, &frame, &err))
                known = frame->place.segment.value != 0 && frame->bytes == delivery->upload->size &&
                        frame->received.ms == delivery->upload->ended.ms;
        frame_cursor_close(&cursor);
        return known;
}

/* Of nobody: a camera that tries out the account, and no camera of its own. */
static bool is_test(const struct facts *facts)
{
        return (facts->kinds & KIND_BIT(KIND_TEST)) != 0 && !facts->has_mac &&
               facts->camera_name[0] == '\0';
}

/* The sender of a frame from a shared account, understood with the camera's own zone and template.
 */
static bool find_shared(struct receiver *receiver, struct delivery *delivery, const uint8_t *bytes,
                        const struct sender **sender_out, struct error *err)
{
        const struct sender *fallback = senders_default(receiver->senders);
        if (delivery->finding.verdict == VERDICT_FRAME && is_test(&delivery->facts))
                delivery->finding.verdict = VERDICT_ATTACHMENT;
        if (delivery->finding.verdict != VERDICT_FRAME)
                return senders_known(receiver->senders, &delivery->facts, sender_out, err);
        if (!senders_find(receiver->senders, &delivery->facts, sender_out, err))
                return false;
        if ((*sender_out)->zone != fallback->zone || (*sender_out)->template != fallback->template)
                understand(delivery, bytes, *sender_out);
        return true;
}

static bool take_frame(struct receiver *receiver, struct delivery *delivery,
                       const struct sender *sender, bool *known_out)
{
        if (sender->camera.disabled)
                return refuse(delivery, FTP_REFUSED, "this camera is disabled");
        delivery->camera = sender->camera.id;
        memcpy(delivery->directory, sender->camera.directory, sizeof delivery->directory);
        memcpy(delivery->name, sender->camera.name, sizeof delivery->name);
        *known_out = delivery->old && is_known(receiver, delivery);
        return true;
}

bool receiver_decide(struct receiver *receiver, struct delivery *delivery, bool *known_out)
{
        struct upload *upload = delivery->upload;
        const struct account *account = NULL;
        const struct sender *sender = NULL;
        const uint8_t *bytes;
        struct error err = {0};
        *known_out = false;
        if (!utc_known(upload->ended) || upload->ended.ms == 0)
                upload->ended = utc_now();
        if (!upload_view(upload, &bytes, &err) ||
            !senders_account(receiver->senders, upload->account, &account, &err))
                return local_error(receiver, delivery, &err);
        bool shared = account == NULL || account->camera.value == 0;
        if (!shared && !senders_camera(receiver->senders, account->camera, &sender, &err) &&
            err.kind != ERROR_NOT_FOUND)
                return local_error(receiver, delivery, &err);
        shared = sender == NULL;
        understand(delivery, bytes, shared ? senders_default(receiver->senders) : sender);
        delivery->finding = verdict_of(upload, bytes, &delivery->facts, delivery->handle == 0);
        if (delivery->finding.verdict == VERDICT_HOLD)
                return true;
        if (shared && !find_shared(receiver, delivery, bytes, &sender, &err))
                return local_error(receiver, delivery, &err);
        own(delivery, sender, account);
        if (shared && sender != NULL && account != NULL && receiver->config.found != NULL)
                receiver->config.found(receiver->config.context, account->number, upload->peer,
                                       sender->camera.id);
        return delivery->finding.verdict != VERDICT_FRAME ||
               take_frame(receiver, delivery, sender, known_out);
}

size_t receiver_facts(const struct delivery *delivery, char out[static RECORD_FACTS_SIZE])
{
        const struct upload *upload = delivery->upload;
        struct record_facts record = {.facts = delivery->facts, .received = upload->ended};
        snprintf(record.facts.camera_name, sizeof record.facts.camera_name, "%s", delivery->name);
        snprintf(record.path, sizeof record.path, "%s", upload->path);
        snprintf(record.user, sizeof record.user, "%.63s", upload->user);
        return record_facts_format(&record, out);
}
