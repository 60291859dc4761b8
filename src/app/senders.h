#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "app/ingest.h"
#include "base/error.h"
#include "base/zone.h"
#include "model/account.h"
#include "model/camera.h"
#include "model/facts.h"
#include "parse/path_template.h"

/*
 * Who sent a picture: the camera of an account, or, for a shared account, the one that path or
 * picture name. What was looked up is kept for a moment, so that only the first frame of a camera
 * costs a round trip to the writer, and a change holds within SENDERS_FRESH_MS, or at once when it
 * is told of. One thread at a time.
 */
struct senders;

enum { SENDERS_FRESH_MS = 1000 };

struct sender {
        struct camera camera;
        const struct zone *zone;              /* NULL: UTC */
        const struct path_template *template; /* NULL: generic rules */
        struct mono read;
        unsigned changes; /* then */
};

struct senders_config {
        const char *data_directory; /* copied */
        const char *zone;           /* what new cameras start with; copied, may be NULL */
        const char *path_template;
        struct ingest *ingest;      /* borrowed */
        const atomic_uint *changes; /* counts changes that hold at once; NULL: none are told */
};

bool senders_create(const struct senders_config *config, struct senders **senders_out,
                    struct error *err) MUST_CHECK;
void senders_destroy(struct senders **senders);

/* While on, nobody waits for the catalog: what is not known freshly fails with ERROR_BUSY. */
void senders_hurry(struct senders *senders, bool on);

/* The account's row; NULL in *account_out when it is gone. Lives until the next call. */
bool senders_account(struct senders *senders, int64_t number, const struct account **account_out,
                     struct error *err) MUST_CHECK;

/* A camera by its number; lives until the next call. */
bool senders_camera(struct senders *senders, struct camera_id id, const struct sender **sender_out,
                    struct error *err) MUST_CHECK;

/* The camera of these facts; created when new. */
bool senders_find(struct senders *senders, const struct facts *facts,
                  const struct sender **sender_out, struct error *err) MUST_CHECK;

/* The camera of these facts if it is known, else NULL. */
bool senders_known(struct senders *senders, const struct facts *facts,
                   const struct sender **sender_out, struct error *err) MUST_CHECK;

/* What a camera starts with. */
const struct sender *senders_default(const struct senders *senders);

/* The reading handle, for questions beside. */
bool senders_catalog(struct senders *senders, struct catalog **catalog_out,
                     struct error *err) MUST_CHECK;
