#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/camera_setup.h"
#include "cli/camera.h"
#include "serve/camera_json.h"

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

/* What is asked for; a password that was read is in job->password until it is hashed. */
static bool wish_of(struct camera_job *job, struct camera_wish *wish, struct error *err)
{
        const struct camera_options *options = job->options;
        *wish = (struct camera_wish){
                .name = options->name,
                .zone = options->zone,
                .path_template = options->path_template,
                .dwell_ms = options->dwell_ms,
                .user = options->user,
                .download = options->download,
                .may_be_there = true,
        };
        if (!options->password_stdin)
                return true;
        wish->password = job->password;
        return read_password(job, err);
}

/* Checks and hashes; afterwards job->password is what has to be told, if anything. */
static bool check(struct camera_job *job, const struct camera_wish *wish,
                  struct camera_access *access, struct error *err)
{
        bool ok = camera_setup_check(wish, access, err);
        explicit_bzero(job->password, sizeof job->password);
        if (ok)
                memcpy(job->password, access->password, sizeof access->password);
        explicit_bzero(access->password, sizeof access->password);
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

bool camera_add(struct camera_job *job, struct error *err)
{
        struct camera_wish wish;
        struct camera_access access;
        if (!wish_of(job, &wish, err) || !check(job, &wish, &access, err) ||
            !camera_setup_add(job->catalog, &wish, &access, err))
                return false;
        job->camera = access.camera;
        job->account = access.account;
        job->has_camera = job->options->name != NULL;
        job->has_account = true;
        return true;
}

/* ---- changing ---- */

bool camera_rename(struct camera_job *job, struct error *err)
{
        struct camera_change change = {.name = job->options->new_name};
        if (!find(job, err))
                return false;
        return camera_setup_check_change(&change, err) &&
               camera_setup_change(job->catalog, job->options->name, &change, &job->camera, err);
}

enum { CHANGE_BYTES_MOST = 1 << 20 };

static bool change_from(const json_t *document, struct camera_job *job, struct error *err)
{
        struct camera_window windows[CAMERA_WINDOWS];
        struct camera_change change;
        return camera_change_read(document, windows, &change, err) &&
               camera_setup_check_change(&change, err) &&
               camera_setup_change(job->catalog, job->options->name, &change, &job->camera, err);
}

bool camera_set(struct camera_job *job, struct error *err)
{
        json_t *document = NULL;
        if (!find(job, err))
                return false;
        char *bytes = malloc(CHANGE_BYTES_MOST);
        if (bytes == NULL)
                return error_sys(err, "camera");
        size_t length = fread(bytes, 1, CHANGE_BYTES_MOST, stdin);
        bool fine = length < CHANGE_BYTES_MOST
                            ? json_read(bytes, length, &document, err) &&
                                      change_from(document, job, err)
                            : error_set(err, ERROR_INPUT, "standard input is too long");
        json_decref(document);
        free(bytes);
        return fine;
}

static bool set_disabled(struct camera_job *job, bool disabled, struct error *err)
{
        struct camera_change change = {.has_disabled = true, .disabled = disabled};
        if (!find(job, err))
                return false;
        if (job->has_account)
                job->account.disabled = disabled;
        if (job->options->name == NULL) /* the account alone */
                return catalog_account_update(job->catalog, &job->account, err);
        return camera_setup_change(job->catalog, job->options->name, &change, &job->camera, err);
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
        struct camera_wish wish;
        struct camera_access access;
        if (!find(job, err) || !need_account(job, err) || !wish_of(job, &wish, err) ||
            !check(job, &wish, &access, err))
                return false;
        memcpy(job->account.hash, access.account.hash, sizeof job->account.hash);
        return catalog_account_update(job->catalog, &job->account, err);
}
