/* GET and POST /notes, PATCH and DELETE /notes/{id}. */
#include <stdlib.h>
#include <string.h>

#include "catalog/marks.h"
#include "query/answer.h"
#include "serve/calls.h"
#include "serve/cameras_asked.h"
#include "serve/list_page.h"
#include "serve/reply.h"
#include "serve/server.h"
#include "serve/stretches.h"

enum { NOTES_BYTES_MOST = 32 << 20 };

/* ---- listing ---- */

struct note_list {
        struct json *json;
        const char *camera;
        struct list_page page; /* by camera, start and id */
};

static bool write_note(void *context, const struct stretch_note *note)
{
        struct note_list *list = context;
        struct list_key key = {{note->stretch.camera.value, note->stretch.from.ms, note->id}};
        if (list_page_take(&list->page, &key))
                answer_note(list->json, list->camera, note);
        return true;
}

static bool write_notes(struct request *request, struct json *json, struct catalog *catalog,
                        struct error *err)
{
        struct note_list list = {.json = json};
        struct event_plan plan;
        struct utc from;
        struct utc to;
        if (!list_page_read(request, &list.page, err) ||
            !request_time(request, "from", &from, err) || !request_time(request, "to", &to, err) ||
            !cameras_asked_open(request, catalog, &plan, err))
                return false;
        if (!utc_known(from))
                from.ms = UTC_MIN_MS;
        cameras_asked_order(&plan);
        bool fine = true;
        json_open_object(json);
        json_name(json, "notes");
        json_open_array(json);
        for (size_t i = 0; fine && i < plan.query.camera_count; i++) {
                struct stretch stretch = {plan.cameras[i].id, from, to};
                list.camera = plan.cameras[i].name;
                fine = catalog_notes(catalog, &stretch, write_note, &list, err);
        }
        json_close_array(json);
        list_page_end(&list.page, json);
        json_close_object(json);
        event_plan_close(&plan);
        return fine;
}

bool call_notes(struct request *request, struct error *err)
{
        return reply_catalog_json(request, NOTES_BYTES_MOST, write_notes, err);
}

/* ---- changing ---- */

enum note_deed { NOTE_WRITE, NOTE_CHANGE, NOTE_ERASE };

struct note_change {
        enum note_deed deed;
        int64_t id;
        bool has_text, has_from, has_to;
        struct named_stretch given;
        struct stretch_note note; /* what is given; then what became of it */
        struct stretch before;
};

static bool take_text(const json_t *value, struct note_change *change, struct error *err)
{
        const char *text = json_string_value(value);
        size_t length = json_string_length(value);
        if (!note_text_valid(text, length))
                return error_set(err, ERROR_INPUT,
                                 "text: wanted are 1 .. %d characters, none of them control "
                                 "characters but ends of lines",
                                 NOTE_CHARACTERS_MOST);
        memcpy(change->note.text, text, length + 1);
        change->has_text = true;
        return true;
}

/* A new one has a camera and all of the rest; of one that is changed any part may be given. */
static bool read_members(const json_t *document, struct note_change *change, struct error *err)
{
        enum { TEXT, FROM, TO, CAMERA, MEMBERS };
        bool whole = change->deed == NOTE_WRITE;
        const struct json_member members[MEMBERS] = {
                [TEXT] = {"text", JSON_WANT_STRING, whole, false},
                [FROM] = {"from", JSON_WANT_TIME, whole, false},
                [TO] = {"to", JSON_WANT_TIME, whole, false},
                [CAMERA] = {"camera", JSON_WANT_STRING, true, false},
        };
        struct stretch_note *note = &change->note;
        json_t *values[MEMBERS] = {NULL};
        if (!json_members(document, members, whole ? MEMBERS : CAMERA, values, err))
                return false;
        change->has_from = values[FROM] != NULL;
        change->has_to = values[TO] != NULL;
        if ((values[TEXT] != NULL && !take_text(values[TEXT], change, err)) ||
            (change->has_from && !json_read_time(values[FROM], "from", &note->stretch.from, err)) ||
            (change->has_to && !json_read_time(values[TO], "to", &note->stretch.to, err)))
                return false;
        if (!whole)
                return change->has_text || change->has_from || change->has_to ||
                       error_set(err, ERROR_INPUT, "wanted is one of text, from, to");
        return named_camera(values[CAMERA], &change->given, err);
}

static bool read_body(struct request *request, struct note_change *change, struct error *err)
{
        json_t *document = NULL;
        if (!body_json(request, &document, err))
                return false;
        bool fine = read_members(document, change, err);
        json_decref(document);
        return fine;
}

static bool stretch_in_order(const struct stretch *stretch, struct error *err)
{
        return stretch->from.ms <= stretch->to.ms ||
               error_set(err, ERROR_INPUT, "to: lies before from");
}

/* What is not given stays as it is. */
static bool merge(struct catalog *catalog, struct note_change *change, struct error *err)
{
        struct stretch_note old;
        struct stretch_note *note = &change->note;
        if (!catalog_note(catalog, change->id, &old, err))
                return false;
        change->before = old.stretch;
        note->id = old.id;
        note->stretch.camera = old.stretch.camera;
        if (!change->has_from)
                note->stretch.from = old.stretch.from;
        if (!change->has_to)
                note->stretch.to = old.stretch.to;
        if (!change->has_text)
                memcpy(note->text, old.text, sizeof note->text);
        return true;
}

static bool change_note(struct catalog *catalog, struct note_change *change, struct error *err)
{
        struct camera camera;
        struct stretch_note *note = &change->note;
        note->changed = utc_now();
        if (change->deed == NOTE_WRITE) {
                if (!catalog_camera_by_name(catalog, change->given.camera, &camera, err))
                        return false;
                note->stretch.camera = camera.id;
                change->before = note->stretch;
        } else if (!merge(catalog, change, err) ||
                   !catalog_camera_by_id(catalog, note->stretch.camera, &camera, err)) {
                return false;
        }
        memcpy(change->given.camera, camera.name, sizeof change->given.camera);
        if (!stretch_in_order(&note->stretch, err))
                return false;
        switch (change->deed) {
        case NOTE_WRITE: return catalog_note_add(catalog, note, err);
        case NOTE_CHANGE: return catalog_note_update(catalog, note, err);
        case NOTE_ERASE: return catalog_note_remove(catalog, change->id, err);
        default: return false;
        }
}

static bool write_change(void *context, struct catalog *catalog, struct error *err)
{
        if (!catalog_begin_durable(catalog, err))
                return false;
        bool fine = change_note(catalog, context, err) && catalog_commit(catalog, err);
        if (!fine)
                catalog_rollback(catalog);
        return fine;
}

/* Where the note was and where it is now. */
static void tell(struct request *request, const struct note_change *change)
{
        struct stretch hull = change->note.stretch;
        if (change->before.from.ms < hull.from.ms)
                hull.from = change->before.from;
        if (change->before.to.ms > hull.to.ms)
                hull.to = change->before.to;
        live_stretch(request->server->live, "marks", change->given.camera, &hull);
}

static bool answer(struct request *request, const struct note_change *change, unsigned status,
                   struct error *err)
{
        struct text body;
        struct json json;
        text_init_growing(&body, 64 << 10);
        json_init(&json, &body);
        answer_note(&json, change->given.camera, &change->note);
        return reply_new_json(request, status, &body, err);
}

static bool id_of(const struct request *request, int64_t *id_out, struct error *err)
{
        const char *text = request->capture;
        size_t length = strspn(text, "0123456789");
        if (length == 0 || length > 18 || text[length] != '\0')
                return error_set(err, ERROR_NOT_FOUND, "there is no such note");
        *id_out = strtoll(text, NULL, 10);
        return true;
}

static bool run(struct request *request, enum note_deed deed, unsigned status, struct error *err)
{
        struct note_change *change = calloc(1, sizeof *change);
        if (change == NULL)
                return error_set(err, ERROR_FULL, "no memory for the note");
        change->deed = deed;
        bool fine = (deed == NOTE_WRITE || id_of(request, &change->id, err)) &&
                    (deed == NOTE_ERASE || read_body(request, change, err)) &&
                    changes_write(request->server->config.changes, write_change, change, err);
        if (fine) {
                tell(request, change);
                fine = status == 204 ? reply_nothing(request, err)
                                     : answer(request, change, status, err);
        }
        free(change);
        return fine;
}

bool call_write_note(struct request *request, struct error *err)
{
        return run(request, NOTE_WRITE, 201, err);
}

bool call_change_note(struct request *request, struct error *err)
{
        return run(request, NOTE_CHANGE, 200, err);
}

bool call_erase_note(struct request *request, struct error *err)
{
        return run(request, NOTE_ERASE, 204, err);
}
