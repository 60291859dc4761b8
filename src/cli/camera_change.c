#include <stdio.h>
#include <string.h>

#include "app/accounts.h"
#include "base/utf8.h"
#include "base/zone.h"
#include "cli/camera.h"
#include "parse/path_template.h"

/* ---- passwords ---- */

static bool read_password(struct camera_job *job, struct error *err)
{
        if (fgets(job->password, sizeof job->password, stdin) == NULL)
                return error_set(err, ERROR_INPUT, "no password on standard input");
        size_t length = strcspn(job->password, "\r\n");
        if (length == sizeof job->password - 1)
                return error_set(err, ERROR_INPUT, "the password has more than 255 bytes");
        job->password[length] = '\0';
        if (length == 0)
                return error_set(err, ERROR_INPUT, "the password is empty");
        return true;
}

/* Sets account.hash. Only what was made here is told. */
static bool set_password(struct camera_job *job, struct error *err)
{
        if (!job->options->password_stdin)
                return password_make(job->password, err) &&
                       password_hash(job->password, job->account.hash, err);
        bool ok = read_password(job, err) && password_hash(job->password, job->account.hash, err);
        explicit_bzero(job->password, sizeof job->password);
        return ok;
}

/* ---- what it is about ---- */

static bool find_account(struct camera_job *job, bool found, const struct error *missing,
                         struct error *err)
{
        job->has_account = found;
        if (!found && missing->kind != ERROR_NOT_FOUND) {
                *err = *missing;
                return false;
        }
        return true;
}

/* The camera named with its account, or the account of --user with its camera. */
static bool find(struct camera_job *job, struct error *err)
{
        const struct camera_options *options = job->options;
        struct error missing = {0};
        if (options->name == NULL) {
                if (!catalog_account_by_user(job->catalog, options->user, &job->account, err))
                        return false;
                job->has_account = true;
                job->has_camera = job->account.camera.value != 0 &&
                                  catalog_camera_by_id(job->catalog, job->account.camera,
                                                       &job->camera, &missing);
                return true;
        }
        if (!catalog_camera_by_name(job->catalog, options->name, &job->camera, err))
                return false;
        job->has_camera = true;
        return find_account(
                job,
                catalog_account_of_camera(job->catalog, job->camera.id, &job->account, &missing),
                &missing, err);
}

static bool need_account(const struct camera_job *job, struct error *err)
{
        return job->has_account ||
               error_set(err, ERROR_NOT_FOUND,
                         "the camera \"%s\" has no account; `cctvweb camera add %s` gives it one",
                         job->options->name, job->options->name);
}

/* ---- adding ---- */

/* A user is what a camera's page takes and a log shows: no blanks at the ends, no control bytes. */
static bool take_user(struct camera_job *job, struct error *err)
{
        const struct camera_options *options = job->options;
        const char *user = options->user != NULL ? options->user : options->name;
        size_t length = strlen(user);
        bool fine = length > 0 && length < sizeof job->account.user && utf8_valid(user, length) &&
                    user[0] != ' ' && user[length - 1] != ' ';
        for (size_t i = 0; i < length; i++)
                fine = fine && (unsigned char)user[i] >= 0x20 && user[i] != 0x7f;
        if (!fine)
                return error_set(err, ERROR_INPUT,
                                 "\"%.64s\" cannot be the user of an account: up to 63 bytes, no "
                                 "control characters",
                                 user);
        memcpy(job->account.user, user, length + 1);
        job->account.download = options->download;
        job->account.created = utc_now();
        return true;
}

static bool check_zone(const char *name, struct error *err)
{
        struct zone *zone = NULL;
        if (name == NULL)
                return true;
        bool ok = strlen(name) < CAMERA_ZONE_SIZE
                          ? zone_load(name, &zone, err)
                          : error_set(err, ERROR_INPUT, "the name of the zone is too long");
        zone_free(&zone);
        return ok;
}

static bool check_template(const char *text, struct error *err)
{
        struct path_template *template = NULL;
        if (text == NULL || text[0] == '\0')
                return true;
        bool ok = strlen(text) < CAMERA_TEMPLATE_SIZE
                          ? path_template_compile(text, strlen(text), &template, err)
                          : error_set(err, ERROR_INPUT, "the template is too long");
        path_template_free(&template);
        return ok;
}

static void set_options(struct camera *camera, const struct camera_options *options)
{
        if (options->zone != NULL)
                snprintf(camera->zone, sizeof camera->zone, "%s", options->zone);
        if (options->path_template != NULL)
                snprintf(camera->path_template, sizeof camera->path_template, "%s",
                         options->path_template);
        if (options->dwell_ms > 0)
                camera->dwell_ms = options->dwell_ms;
        camera->is_new = false;
        camera->disabled = false;
}

/* A camera that is there already, from a folder or a shared account, gets an account. */
static bool add_camera(struct camera_job *job, struct error *err)
{
        const struct camera_options *options = job->options;
        struct error missing = {0};
        struct account other;
        if (!camera_name_valid(options->name))
                return error_set(err, ERROR_INPUT, "\"%.64s\" cannot be the name of a camera",
                                 options->name);
        job->has_camera = true;
        if (catalog_camera_by_name(job->catalog, options->name, &job->camera, &missing)) {
                if (catalog_account_of_camera(job->catalog, job->camera.id, &other, &missing))
                        return error_set(err, ERROR_CONFLICT,
                                         "the camera \"%s\" has an account already, \"%s\"",
                                         job->camera.name, other.user);
                set_options(&job->camera, options);
                return catalog_camera_update(job->catalog, &job->camera, err);
        }
        if (missing.kind != ERROR_NOT_FOUND)
                return error_set(err, missing.kind, "%s", missing.text);
        job->camera = (struct camera){.zone = "UTC", .dwell_ms = DWELL_DEFAULT_MS};
        snprintf(job->camera.name, sizeof job->camera.name, "%s", options->name);
        set_options(&job->camera, options);
        return catalog_camera_create(job->catalog, &job->camera, err);
}

static bool add_both(struct camera_job *job, struct error *err)
{
        if (!catalog_begin(job->catalog, err))
                return false;
        bool ok = job->options->shared || add_camera(job, err);
        job->account.camera = job->camera.id;
        ok = ok && catalog_account_add(job->catalog, &job->account, err) &&
             catalog_commit(job->catalog, err);
        if (!ok)
                catalog_rollback(job->catalog);
        return ok;
}

bool camera_add(struct camera_job *job, struct error *err)
{
        const struct camera_options *options = job->options;
        if (!check_zone(options->zone, err) || !check_template(options->path_template, err) ||
            !take_user(job, err) || !set_password(job, err) || !add_both(job, err))
                return false;
        job->has_account = true;
        return true;
}

/* ---- changing ---- */

bool camera_rename(struct camera_job *job, struct error *err)
{
        if (!find(job, err))
                return false;
        if (!camera_name_valid(job->options->new_name))
                return error_set(err, ERROR_INPUT, "\"%.64s\" cannot be the name of a camera",
                                 job->options->new_name);
        snprintf(job->camera.name, sizeof job->camera.name, "%s", job->options->new_name);
        job->camera.is_new = false;
        return catalog_camera_update(job->catalog, &job->camera, err);
}

static bool set_disabled(struct camera_job *job, bool disabled, struct error *err)
{
        if (!find(job, err))
                return false;
        if (job->has_account) {
                job->account.disabled = disabled;
                if (!catalog_account_update(job->catalog, &job->account, err))
                        return false;
        }
        if (job->options->name == NULL)
                return true; /* the account alone */
        job->camera.disabled = disabled;
        job->camera.is_new = false;
        return catalog_camera_update(job->catalog, &job->camera, err);
}

bool camera_disable(struct camera_job *job, struct error *err)
{
        return set_disabled(job, true, err);
}

bool camera_enable(struct camera_job *job, struct error *err)
{
        return set_disabled(job, false, err);
}

bool camera_remove(struct camera_job *job, struct error *err)
{
        struct error stays = {0};
        if (!find(job, err))
                return false;
        if (job->has_account && !catalog_account_remove(job->catalog, job->account.number, err))
                return false;
        bool account_gone = job->has_account;
        job->has_account = false;
        if (job->options->name == NULL)
                return true;
        if (catalog_camera_remove(job->catalog, job->camera.id, &stays)) {
                job->has_camera = false;
                return true;
        }
        if (stays.kind != ERROR_CONFLICT)
                return error_set(err, stays.kind, "%s", stays.text);
        return account_gone ||
               error_set(err, ERROR_CONFLICT,
                         "the camera \"%s\" has no account, and its frames stay: there is nothing "
                         "to remove",
                         job->camera.name);
}

bool camera_password(struct camera_job *job, struct error *err)
{
        return find(job, err) && need_account(job, err) && set_password(job, err) &&
               catalog_account_update(job->catalog, &job->account, err);
}
