#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/utc.h"
#include "model/camera.h"

/*
 * What was received and is no frame, kept aside: the quarantine (pictures that are not whole, and
 * why) and the attachments (films, texts, tests). Files below a folder for each owner, a camera or
 * an account; bounded in bytes: the oldest go. What there is is known without looking at the disk.
 *
 * An item's id is its file's name: the time it was received and the name the camera gave it, with
 * every byte that could mean something else as %XX. Safe from any thread.
 */
struct aside;

enum { ASIDE_ID_SIZE = 200, ASIDE_OWNER_SIZE = CAMERA_NAME_SIZE * 3 + 2 };

struct aside_config {
        const char *directory; /* created; copied */
        int64_t most_bytes;    /* of all owners together */
        bool with_notes;       /* quarantine: ID.bin and ID.json; else DATE/ID */
};

/* Reads what is there from earlier. */
bool aside_create(const struct aside_config *config, struct aside **aside_out,
                  struct error *err) MUST_CHECK;
void aside_destroy(struct aside **aside);

/* Of an item that comes. */
struct aside_note {
        const char *owner;  /* a name of a folder */
        const char *path;   /* as the camera named it, bytes */
        const char *user;   /* the account */
        const char *peer;   /* address */
        const char *reason; /* a sentence; NULL: none */
        struct utc started, received;
        uint8_t tag; /* of what sort it is, as the caller has it; 0: none */
        size_t most; /* of the owner's items with this tag, this one included, so many stay; 0: all
                      */
};

/* Writes and syncs it, and makes room first. */
bool aside_put(struct aside *aside, const struct aside_note *note, const uint8_t *bytes,
               size_t length, struct error *err) MUST_CHECK;

struct aside_item {
        char id[ASIDE_ID_SIZE];
        struct utc time; /* received */
        int64_t bytes;
        uint8_t tag; /* 0: not known, as of those of an earlier run */
};

/* Items of an owner, the newest first, from behind the one with the id `after` on (NULL: from the
 * newest), at most `room`; returns how many. */
size_t aside_list(struct aside *aside, const char *owner, const char *after,
                  struct aside_item *items, size_t room);
/* Keeps what was found out about an item, as long as this run lasts. */
void aside_set_tag(struct aside *aside, const char *owner, const char *id, uint8_t tag);
int64_t aside_count(struct aside *aside, const char *owner);

struct aside_file {
        int fd; /* owned by the caller */
        int64_t length;
};

/* Opens an item's bytes; or its note (JSON), where there are notes. */
bool aside_open(struct aside *aside, const char *owner, const char *id, struct aside_file *file_out,
                struct error *err) MUST_CHECK;
bool aside_open_note(struct aside *aside, const char *owner, const char *id,
                     struct aside_file *file_out, struct error *err) MUST_CHECK;

/* Of all owners. */
void aside_totals(struct aside *aside, int64_t *items_out, int64_t *bytes_out);

/* The name a camera gave an item, as far as the id holds it. */
void aside_name(const char *id, char *out, size_t room);

/* A name for a folder or file: letters, digits and -_.+@ as they are, all else as %XX; cut to
 * `room`. Never ".", ".." or hidden. */
void aside_escape(const char *bytes, size_t length, char *out, size_t room);
