#include "app/camera_office.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/camera_paths.h"
#include "app/camera_setup.h"
#include "app/roots.h"
#include "parse/path_template.h"
#include "parse/understand.h"

struct camera_office {
        struct camera_office_config config; /* without the settings */
        char *data_directory, *zone, *path_template;
        struct roots roots;
};

/* ---- changing; the transaction is the writer's, what costs time is not ---- */

struct change_job {
        const char *name;
        const struct camera_wish *wish;
        struct camera_access *access;
        const struct camera_change *change;
        struct camera *camera;
        struct camera_id *id;
};

static bool write(struct camera_office *office, struct change_job *job,
                  bool (*work)(void *context, struct catalog *catalog, struct error *err),
                  struct error *err)
{
        if (!ingest_call(office->config.ingest, work, job, err))
                return false;
        if (office->config.ftp != NULL)
                ftp_cameras_changed(office->config.ftp);
        return true;
}

static bool do_add(void *context, struct catalog *catalog, struct error *err)
{
        struct change_job *job = context;
        return camera_setup_add(catalog, job->wish, job->access, err);
}

static bool add(void *context, const struct camera_wish *wish, struct camera_access *access_out,
                struct error *err)
{
        struct camera_office *office = context;
        struct camera_wish whole = *wish;
        if (whole.zone == NULL)
                whole.zone = office->zone;
        if (whole.path_template == NULL)
                whole.path_template = office->path_template;
        struct change_job job = {.wish = &whole, .access = access_out};
        return camera_setup_check(&whole, access_out, err) && write(office, &job, do_add, err);
}

static bool do_change(void *context, struct catalog *catalog, struct error *err)
{
        struct change_job *job = context;
        return camera_setup_change(catalog, job->name, job->change, job->camera, err);
}

static bool change(void *context, const char *name, const struct camera_change *what,
                   struct camera *camera_out, struct error *err)
{
        struct change_job job = {.name = name, .change = what, .camera = camera_out};
        return camera_setup_check_change(what, err) && write(context, &job, do_change, err);
}

static bool do_remove(void *context, struct catalog *catalog, struct error *err)
{
        struct change_job *job = context;
        return camera_setup_remove(catalog, job->name, job->id, err);
}

static bool remove_camera(void *context, const char *name, struct camera_id *camera_out,
                          struct error *err)
{
        struct change_job job = {.name = name, .id = camera_out};
        return write(context, &job, do_remove, err);
}

static bool do_password(void *context, struct catalog *catalog, struct error *err)
{
        struct change_job *job = context;
        return camera_setup_password(catalog, job->wish, job->access, err);
}

static bool password(void *context, const struct camera_wish *wish,
                     struct camera_access *access_out, struct error *err)
{
        struct change_job job = {.wish = wish, .access = access_out};
        return camera_setup_check(wish, access_out, err) && write(context, &job, do_password, err);
}

/* ---- telling ---- */

static void target(void *context, struct upload_target *target_out)
{
        struct camera_office *office = context;
        if (office->config.ftp != NULL) {
                ftp_target(office->config.ftp, target_out);
                return;
        }
        *target_out = (struct upload_target){.off = true};
        snprintf(target_out->why, sizeof target_out->why,
                 "another process receives into this data folder");
}

static size_t paths(void *context, const struct camera *camera,
                    struct received_path out[static RECEIVED_PATHS])
{
        struct camera_office *office = context;
        struct catalog *catalog = NULL;
        struct error ignored;
        size_t count = 0;
        if (catalog_open(office->data_directory, CATALOG_READ, &catalog, &ignored))
                count = camera_paths(catalog, office->data_directory, &office->roots, camera, out);
        catalog_close(&catalog);
        if (office->config.ftp != NULL)
                count += ftp_rejected_paths(office->config.ftp, camera, out + count,
                                            RECEIVED_PATHS - count);
        return count;
}

/* ---- reading paths ---- */

/* By what it says alone, as of a picture without a time of its own. */
static void read_path(const char *path, const struct path_template *path_template,
                      const struct zone *zone, struct template_reading *reading)
{
        struct facts facts;
        struct utc now = utc_now();
        const char *below = path[0] == '/' ? path + 1 : path;
        struct understand_context known = {
                .path = below,
                .path_length = strlen(below),
                .template = path_template,
                .zone = zone,
                .received = now,
                .now = now,
                .bytes = -1,
        };
        *reading = (struct template_reading){.wanted = "folder"};
        if (path_template != NULL)
                path_template_explain(path_template, path, strlen(path), reading);
        (void)!understand_head((const uint8_t *)"", 0, true, &known, &facts);
        bool told = facts.time_source != TIME_RECEIVED;
        reading->time = told ? facts.time : UTC_NONE;
        reading->time_source = facts.time_source;
        reading->has_mac = facts.has_mac;
        memcpy(reading->mac, facts.mac, sizeof reading->mac);
        memcpy(reading->camera_name, facts.camera_name, sizeof reading->camera_name);
}

static bool read_paths(void *context, const struct template_question *question,
                       struct template_reading *readings, struct error *problem_out,
                       struct error *err)
{
        struct path_template *path_template = NULL;
        struct zone *zone = NULL;
        (void)context;
        *problem_out = (struct error){0};
        if (!zone_load(question->zone, &zone, err))
                return false;
        const char *text = question->path_template;
        if (text[0] != '\0' &&
            !path_template_compile(text, strlen(text), &path_template, problem_out))
                path_template = NULL;
        for (size_t i = 0; i < question->count; i++)
                read_path(question->paths[i], path_template, zone, &readings[i]);
        path_template_free(&path_template);
        zone_free(&zone);
        return true;
}

/* ---- life ---- */

static bool keep(const char *text, char **out, struct error *err)
{
        *out = text != NULL ? strdup(text) : NULL;
        return text == NULL || *out != NULL || error_set(err, ERROR_FULL, "no memory");
}

bool camera_office_create(const struct camera_office_config *config,
                          struct camera_office **office_out, struct error *err)
{
        const struct settings *settings = config->settings;
        const struct setting_value *folders = &settings->values[SETTING_FOLDERS];
        struct camera_office *office = calloc(1, sizeof *office);
        if (office == NULL)
                return error_set(err, ERROR_FULL, "no memory for the cameras' settings");
        office->config = *config;
        office->config.settings = NULL;
        *office_out = office;
        if (keep(settings_text(settings, SETTING_DATA), &office->data_directory, err) &&
            keep(settings_text(settings, SETTING_ZONE), &office->zone, err) &&
            keep(settings_text(settings, SETTING_TEMPLATE), &office->path_template, err) &&
            roots_init(&office->roots, (const char *const *)folders->items, folders->count, err))
                return true;
        camera_office_destroy(office_out);
        return false;
}

void camera_office_destroy(struct camera_office **office)
{
        struct camera_office *gone = *office;
        *office = NULL;
        if (gone == NULL)
                return;
        roots_finish(&gone->roots);
        free(gone->data_directory);
        free(gone->zone);
        free(gone->path_template);
        free(gone);
}

struct camera_desk camera_office_desk(struct camera_office *office)
{
        return (struct camera_desk){
                .context = office,
                .add = add,
                .change = change,
                .remove = remove_camera,
                .password = password,
                .target = target,
                .paths = paths,
                .read_paths = read_paths,
        };
}
