#include "app/senders.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "catalog/catalog.h"
#include "receive/fingerprint.h"

enum { SLOTS = 4096, NEIGHBOURS = 8, IDENTITY_SIZE = FACTS_NAME_SIZE + 8 };

struct known_account {
        int64_t number; /* 0: none */
        bool there;
        struct account account;
        struct mono read;
        unsigned changes;
};

/* What facts name a camera by, and which one it is. */
struct identity {
        char text[IDENTITY_SIZE];
        struct camera_id camera; /* 0: none */
};

/* Zones and templates are few and are kept. */
struct kept_zone {
        struct kept_zone *next;
        struct zone *zone; /* NULL: could not be loaded */
        char name[CAMERA_ZONE_SIZE];
};

struct kept_template {
        struct kept_template *next;
        struct path_template *template;
        char text[CAMERA_TEMPLATE_SIZE];
};

struct senders {
        struct senders_config config;
        char *data_directory, *zone, *path_template;
        struct catalog *catalog;
        struct known_account **accounts; /* by number: the newest stays */
        struct sender **cameras;         /* by number */
        struct identity *identities;     /* by hash, or a place or some behind */
        struct kept_zone *zones;
        struct kept_template *templates;
        struct sender fallback;
        bool hurried;
};

static char *copy(const char *text)
{
        return text != NULL ? strdup(text) : NULL;
}

static const struct zone *zone_of(struct senders *senders, const char *name)
{
        struct error err = {0};
        for (struct kept_zone *at = senders->zones; at != NULL; at = at->next) {
                if (strcmp(at->name, name) == 0)
                        return at->zone;
        }
        struct kept_zone *kept = calloc(1, sizeof *kept);
        if (kept == NULL)
                return NULL;
        snprintf(kept->name, sizeof kept->name, "%s", name);
        if (!zone_load(name, &kept->zone, &err))
                log_warn("ftp", "zone-not-loaded", "zone=\"%s\" why=\"%s\"", name, err.text);
        kept->next = senders->zones;
        senders->zones = kept;
        return kept->zone;
}

static const struct path_template *template_of(struct senders *senders, const char *text)
{
        struct error err = {0};
        if (text[0] == '\0')
                return NULL;
        for (struct kept_template *at = senders->templates; at != NULL; at = at->next) {
                if (strcmp(at->text, text) == 0)
                        return at->template;
        }
        struct kept_template *kept = calloc(1, sizeof *kept);
        if (kept == NULL)
                return NULL;
        snprintf(kept->text, sizeof kept->text, "%s", text);
        if (!path_template_compile(text, strlen(text), &kept->template, &err))
                log_warn("ftp", "template-ill-formed", "why=\"%s\"", err.text);
        kept->next = senders->templates;
        senders->templates = kept;
        return kept->template;
}

bool senders_catalog(struct senders *senders, struct catalog **catalog_out, struct error *err)
{
        if (senders->hurried)
                return error_set(err, ERROR_BUSY, "the catalog has to be asked");
        if (senders->catalog == NULL &&
            !catalog_open(senders->data_directory, CATALOG_READ, &senders->catalog, err))
                return false;
        *catalog_out = senders->catalog;
        return true;
}

void senders_hurry(struct senders *senders, bool on)
{
        senders->hurried = on;
}

static unsigned changes_now(const struct senders *senders)
{
        return senders->config.changes != NULL ? atomic_load(senders->config.changes) : 0;
}

static bool fresh(const struct senders *senders, struct mono read, unsigned changes)
{
        return changes == changes_now(senders) &&
               mono_now().ns - read.ns < SENDERS_FRESH_MS * INT64_C(1000000);
}

/* ---- accounts ---- */

bool senders_account(struct senders *senders, int64_t number, const struct account **account_out,
                     struct error *err)
{
        struct catalog *catalog;
        struct error missing = {0};
        struct known_account **slot = &senders->accounts[(uint64_t)number % SLOTS];
        *account_out = NULL;
        if (*slot == NULL && (*slot = calloc(1, sizeof **slot)) == NULL)
                return error_set(err, ERROR_FULL, "no memory for an account");
        struct known_account *known = *slot;
        if (known->number != number || !fresh(senders, known->read, known->changes)) {
                unsigned changes = changes_now(senders); /* before it is read */
                if (!senders_catalog(senders, &catalog, err))
                        return false;
                known->there =
                        catalog_account_by_number(catalog, number, &known->account, &missing);
                if (!known->there && missing.kind != ERROR_NOT_FOUND) {
                        *err = missing;
                        return false;
                }
                known->number = number;
                known->read = mono_now();
                known->changes = changes;
        }
        *account_out = known->there ? &known->account : NULL;
        return true;
}

/* ---- cameras ---- */

/* `changes`: from before it was read. */
static bool keep_camera(struct senders *senders, const struct camera *camera, unsigned changes,
                        const struct sender **sender_out, struct error *err)
{
        struct sender **slot = &senders->cameras[(uint32_t)camera->id.value % SLOTS];
        if (*slot == NULL && (*slot = calloc(1, sizeof **slot)) == NULL)
                return error_set(err, ERROR_FULL, "no memory for a camera");
        **slot = (struct sender){
                .camera = *camera,
                .zone = zone_of(senders, camera->zone),
                .template = template_of(senders, camera->path_template),
                .read = mono_now(),
                .changes = changes,
        };
        *sender_out = *slot;
        return true;
}

bool senders_camera(struct senders *senders, struct camera_id id, const struct sender **sender_out,
                    struct error *err)
{
        struct catalog *catalog;
        struct camera camera;
        struct sender *known = senders->cameras[(uint32_t)id.value % SLOTS];
        if (known != NULL && known->camera.id.value == id.value &&
            fresh(senders, known->read, known->changes)) {
                *sender_out = known;
                return true;
        }
        unsigned changes = changes_now(senders);
        return senders_catalog(senders, &catalog, err) &&
               catalog_camera_by_id(catalog, id, &camera, err) &&
               keep_camera(senders, &camera, changes, sender_out, err);
}

/* What catalog_camera_for goes by. */
static struct identity *identity_of(struct senders *senders, const struct facts *facts,
                                    char text[static IDENTITY_SIZE])
{
        if (facts->has_mac) {
                text[0] = 'm';
                mac_format(facts->mac, text + 1);
        } else {
                snprintf(text, IDENTITY_SIZE, "n%s", facts->camera_name);
        }
        /* Its own place, or the first that is free, or another's: whoever shares a place costs a
         * question for each frame. */
        struct identity *place = &senders->identities[hash_bytes(text, strlen(text), 0) % SLOTS];
        struct identity *found = NULL;
        for (size_t i = 0; i < NEIGHBOURS; i++) {
                if (place[i].camera.value != 0 && strcmp(place[i].text, text) == 0)
                        return &place[i];
                if (place[i].camera.value == 0 && found == NULL)
                        found = &place[i];
        }
        return found != NULL ? found : place;
}

static void remember(struct identity *identity, const char text[static IDENTITY_SIZE],
                     struct camera_id camera)
{
        memcpy(identity->text, text, IDENTITY_SIZE);
        identity->camera = camera;
}

bool senders_find(struct senders *senders, const struct facts *facts,
                  const struct sender **sender_out, struct error *err)
{
        char text[IDENTITY_SIZE] = "";
        struct error gone = {0};
        struct camera camera;
        struct identity *identity = identity_of(senders, facts, text);
        if (identity->camera.value != 0 && strcmp(identity->text, text) == 0) {
                if (senders_camera(senders, identity->camera, sender_out, &gone))
                        return true;
                if (gone.kind != ERROR_NOT_FOUND) {
                        *err = gone;
                        return false;
                }
        }
        struct camera_defaults defaults = {senders->zone, senders->path_template, true};
        unsigned changes = changes_now(senders);
        if (senders->hurried)
                return error_set(err, ERROR_BUSY, "the writer has to be asked");
        if (!ingest_camera(senders->config.ingest, facts, &defaults, &camera, err))
                return false;
        remember(identity, text, camera.id);
        return keep_camera(senders, &camera, changes, sender_out, err);
}

/* All of the cameras once over, for want of a question by MAC; only asked for what is no frame. */
struct search {
        const struct facts *facts;
        struct camera_id found;
};

static bool look_at(void *context, const struct camera *camera)
{
        struct search *search = context;
        const struct facts *facts = search->facts;
        bool same = facts->has_mac ? camera->has_mac && memcmp(camera->mac, facts->mac, 6) == 0
                                   : facts->camera_name[0] != '\0' &&
                                             strcmp(camera->name, facts->camera_name) == 0;
        if (same)
                search->found = camera->id;
        return !same;
}

bool senders_known(struct senders *senders, const struct facts *facts,
                   const struct sender **sender_out, struct error *err)
{
        char text[IDENTITY_SIZE] = "";
        struct catalog *catalog;
        struct search search = {.facts = facts};
        struct identity *identity = identity_of(senders, facts, text);
        *sender_out = NULL;
        if (identity->camera.value != 0 && strcmp(identity->text, text) == 0)
                search.found = identity->camera;
        else if (!senders_catalog(senders, &catalog, err) ||
                 !catalog_cameras(catalog, look_at, &search, err))
                return false;
        if (search.found.value == 0)
                return true;
        struct error gone = {0};
        if (!senders_camera(senders, search.found, sender_out, &gone))
                *sender_out = NULL;
        else
                remember(identity, text, search.found);
        return true;
}

const struct sender *senders_default(const struct senders *senders)
{
        return &senders->fallback;
}

/* ---- beginning and end ---- */

bool senders_create(const struct senders_config *config, struct senders **senders_out,
                    struct error *err)
{
        struct senders *senders = calloc(1, sizeof *senders);
        if (senders == NULL)
                return error_set(err, ERROR_FULL, "no memory for senders");
        *senders_out = senders;
        senders->config = *config;
        senders->data_directory = copy(config->data_directory);
        senders->zone = copy(config->zone);
        senders->path_template = copy(config->path_template);
        senders->accounts = calloc(SLOTS, sizeof(struct known_account *));
        senders->cameras = calloc(SLOTS, sizeof(struct sender *));
        senders->identities = calloc(SLOTS + NEIGHBOURS, sizeof *senders->identities);
        if (senders->data_directory == NULL || senders->accounts == NULL ||
            senders->cameras == NULL || senders->identities == NULL) {
                senders_destroy(senders_out);
                return error_set(err, ERROR_FULL, "no memory for senders");
        }
        if (config->zone != NULL)
                senders->fallback.zone = zone_of(senders, config->zone);
        if (config->path_template != NULL)
                senders->fallback.template = template_of(senders, config->path_template);
        return true;
}

void senders_destroy(struct senders **senders)
{
        struct senders *gone = *senders;
        *senders = NULL;
        if (gone == NULL)
                return;
        catalog_close(&gone->catalog);
        for (size_t i = 0; i < SLOTS; i++) {
                if (gone->accounts != NULL)
                        free(gone->accounts[i]);
                if (gone->cameras != NULL)
                        free(gone->cameras[i]);
        }
        while (gone->zones != NULL) {
                struct kept_zone *zone = gone->zones;
                gone->zones = zone->next;
                zone_free(&zone->zone);
                free(zone);
        }
        while (gone->templates != NULL) {
                struct kept_template *template = gone->templates;
                gone->templates = template->next;
                path_template_free(&template->template);
                free(template);
        }
        free(gone->accounts);
        free(gone->cameras);
        free(gone->identities);
        free(gone->data_directory);
        free(gone->zone);
        free(gone->path_template);
        free(gone);
}
