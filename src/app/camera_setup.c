#include "app/camera_setup.h"

#include <stdio.h>
#include <string.h>

#include "app/accounts.h"
#include "base/utf8.h"
#include "base/zone.h"
#include "parse/path_template.h"

enum { USER_TRIES = 1000 };

/* ---- checks ---- */

/* Stricter than camera_name_valid, which also holds for what is there since earlier. */
static bool name_shows(const char *name)
{
        size_t length = strlen(name);
        for (size_t at = 0; at < length; at++) {
                if (utf8_unshown(name + at, length - at) > 0)
                        return false;
                size_t step = utf8_length(name + at, length - at);
                at += step > 0 ? step - 1 : 0;
        }
        return true;
}

static bool check_name(const char *name, struct error *err)
{
        return name == NULL || (camera_name_valid(name) && name_shows(name)) ||
               error_set(err, ERROR_INPUT,
                         "\"%.64s\" cannot be the name of a camera: up to 63 bytes, no / or \\, no "
                         "control characters, no blanks at the ends",
                         name);
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

static bool check_dwell(int64_t dwell_ms, struct error *err)
{
        return dwell_ms == 0 || (dwell_ms >= DWELL_MIN_MS && dwell_ms <= DWELL_MAX_MS) ||
               error_set(err, ERROR_INPUT, "dwell must be from 1 to 86400 seconds");
}

/* ---- user and password ---- */

/* What a camera's form takes whatever it is: letters, digits and . _ - of ASCII. */
static void user_of_name(const char *name, char out[static ACCOUNT_USER_SIZE])
{
        size_t used = 0;
        for (const char *at = name; *at != '\0' && used < ACCOUNT_USER_SIZE - 8; at++) {
                bool plain = (*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z') ||
                             (*at >= '0' && *at <= '9') || *at == '.' || *at == '_' || *at == '-';
                if (plain)
                        out[used++] = *at;
                else if (used > 0 && out[used - 1] != '-')
                        out[used++] = '-';
        }
        while (used > 0 && out[used - 1] == '-')
                used--;
        out[used] = '\0';
        if (used == 0)
                snprintf(out, ACCOUNT_USER_SIZE, "camera");
}

/* A user is what a camera's page takes and a log shows: no blanks at the ends, no control bytes. */
static bool take_user(const struct camera_wish *wish, struct account *account, struct error *err)
{
        if (wish->user == NULL) {
                user_of_name(wish->name != NULL ? wish->name : "", account->user);
                return true;
        }
        const char *user = wish->user;
        size_t length = strlen(user);
        bool fine = length > 0 && length < sizeof account->user && utf8_valid(user, length) &&
                    user[0] != ' ' && user[length - 1] != ' ';
        for (size_t i = 0; i < length; i++)
                fine = fine && (unsigned char)user[i] >= 0x20 && user[i] != 0x7f;
        if (!fine)
                return error_set(err, ERROR_INPUT,
                                 "\"%.64s\" cannot be the user of an account: up to 63 bytes, no "
                                 "control characters",
                                 user);
        memcpy(account->user, user, length + 1);
        return true;
}

/* Only what was made here is told. */
static bool take_password(const struct camera_wish *wish, struct camera_access *access,
                          struct error *err)
{
        const char *password = wish->password;
        if (password == NULL)
                return password_make(access->password, err) &&
                       password_hash(access->password, access->account.hash, err);
        size_t length = strlen(password);
        if (length == 0)
                return error_set(err, ERROR_INPUT, "the password is empty");
        if (length >= CAMERA_PASSWORD_SIZE)
                return error_set(err, ERROR_INPUT, "the password has more than 255 bytes");
        for (size_t i = 0; i < length; i++) {
                if ((unsigned char)password[i] < 0x20 || password[i] == 0x7f)
                        return error_set(err, ERROR_INPUT,
                                         "the password has a control character in it");
        }
        return password_hash(password, access->account.hash, err);
}

bool camera_setup_check(const struct camera_wish *wish, struct camera_access *access_out,
                        struct error *err)
{
        *access_out = (struct camera_access){
                .account = {.download = wish->download, .created = utc_now()}};
        return check_name(wish->name, err) && check_zone(wish->zone, err) &&
               check_template(wish->path_template, err) && check_dwell(wish->dwell_ms, err) &&
               take_user(wish, &access_out->account, err) && take_password(wish, access_out, err);
}

/* ---- adding ---- */

static bool none_there(const struct error *missing, struct error *err)
{
        if (missing->kind != ERROR_NOT_FOUND)
                *err = *missing;
        return missing->kind == ERROR_NOT_FOUND;
}

static void set_wish(struct camera *camera, const struct camera_wish *wish)
{
        if (wish->zone != NULL)
                snprintf(camera->zone, sizeof camera->zone, "%s", wish->zone);
        if (wish->path_template != NULL)
                snprintf(camera->path_template, sizeof camera->path_template, "%s",
                         wish->path_template);
        if (wish->dwell_ms > 0)
                camera->dwell_ms = wish->dwell_ms;
        camera->is_new = false;
        camera->disabled = false;
}

/* A camera that is there already, from a folder or a shared account, gets an account. */
static bool take_over(struct catalog *catalog, const struct camera_wish *wish,
                      struct camera *camera, struct error *err)
{
        struct account other;
        struct error missing = {0};
        if (!wish->may_be_there)
                return error_set(err, ERROR_CONFLICT, "there is already a camera \"%s\"",
                                 camera->name);
        if (catalog_account_of_camera(catalog, camera->id, &other, &missing))
                return error_set(err, ERROR_CONFLICT,
                                 "the camera \"%s\" has an account already, \"%s\"", camera->name,
                                 other.user);
        if (!none_there(&missing, err))
                return false;
        set_wish(camera, wish);
        return catalog_camera_update(catalog, camera, err);
}

static bool add_camera(struct catalog *catalog, const struct camera_wish *wish,
                       struct camera *camera, struct error *err)
{
        struct error missing = {0};
        if (catalog_camera_by_name(catalog, wish->name, camera, &missing))
                return take_over(catalog, wish, camera, err);
        if (!none_there(&missing, err))
                return false;
        *camera = (struct camera){.zone = "UTC", .dwell_ms = DWELL_DEFAULT_MS};
        snprintf(camera->name, sizeof camera->name, "%s", wish->name);
        set_wish(camera, wish);
        return catalog_camera_create(catalog, camera, err);
}

/* A user that nobody asked for by name gives way to one that is there. */
static bool free_user(struct catalog *catalog, struct account *account, struct error *err)
{
        size_t length = strlen(account->user);
        for (int n = 2; n < USER_TRIES; n++) {
                struct account other;
                struct error missing = {0};
                if (!catalog_account_by_user(catalog, account->user, &other, &missing))
                        return none_there(&missing, err);
                snprintf(account->user + length, sizeof account->user - length, "-%d", n);
        }
        return error_set(err, ERROR_CONFLICT, "there are too many users like \"%s\"",
                         account->user);
}

static bool add_account(struct catalog *catalog, const struct camera_wish *wish,
                        struct camera_access *access, struct error *err)
{
        access->account.camera = access->camera.id;
        return (wish->user != NULL || free_user(catalog, &access->account, err)) &&
               catalog_account_add(catalog, &access->account, err);
}

static bool end(struct catalog *catalog, bool ok, struct error *err)
{
        ok = ok && catalog_commit(catalog, err);
        if (!ok)
                catalog_rollback(catalog);
        return ok;
}

bool camera_setup_add(struct catalog *catalog, const struct camera_wish *wish,
                      struct camera_access *access, struct error *err)
{
        if (!catalog_begin_durable(catalog, err))
                return false;
        bool ok = (wish->name == NULL || add_camera(catalog, wish, &access->camera, err)) &&
                  add_account(catalog, wish, access, err);
        return end(catalog, ok, err);
}

/* ---- changing ---- */

bool camera_setup_check_change(const struct camera_change *change, struct error *err)
{
        size_t at = 0;
        if (change->has_windows &&
            !camera_windows_valid(change->windows, change->window_count, &at))
                return error_set(err, ERROR_INPUT,
                                 "windows[%zu]: a window needs a number of 1 .. %d that no other "
                                 "has, a rectangle inside the picture that is not empty, and a "
                                 "name of up to 63 bytes",
                                 at, CAMERA_WINDOWS);
        return check_name(change->name, err) && check_zone(change->zone, err) &&
               check_template(change->path_template, err) && check_dwell(change->dwell_ms, err);
}

static void set_change(struct camera *camera, const struct camera_change *change)
{
        if (change->name != NULL)
                snprintf(camera->name, sizeof camera->name, "%s", change->name);
        if (change->zone != NULL)
                snprintf(camera->zone, sizeof camera->zone, "%s", change->zone);
        if (change->path_template != NULL)
                snprintf(camera->path_template, sizeof camera->path_template, "%s",
                         change->path_template);
        if (change->dwell_ms > 0)
                camera->dwell_ms = change->dwell_ms;
        if (change->has_disabled)
                camera->disabled = change->disabled;
        /* Whoever changes it has looked at it. */
        camera->is_new = change->has_is_new && change->is_new;
}

static bool disable_account(struct catalog *catalog, struct camera_id camera, bool disabled,
                            struct error *err)
{
        struct account account;
        struct error missing = {0};
        if (!catalog_account_of_camera(catalog, camera, &account, &missing))
                return none_there(&missing, err);
        if (account.disabled == disabled)
                return true;
        account.disabled = disabled;
        return catalog_account_update(catalog, &account, err);
}

static bool do_change(struct catalog *catalog, const char *name, const struct camera_change *change,
                      struct camera *camera, struct error *err)
{
        if (!catalog_camera_by_name(catalog, name, camera, err))
                return false;
        set_change(camera, change);
        return catalog_camera_update(catalog, camera, err) &&
               (!change->has_disabled ||
                disable_account(catalog, camera->id, change->disabled, err)) &&
               (!change->has_windows ||
                catalog_camera_set_windows(catalog, camera->id, change->windows,
                                           change->window_count, err));
}

bool camera_setup_change(struct catalog *catalog, const char *name,
                         const struct camera_change *change, struct camera *camera_out,
                         struct error *err)
{
        return catalog_begin_durable(catalog, err) &&
               end(catalog, do_change(catalog, name, change, camera_out, err), err);
}

static bool set_password(struct catalog *catalog, const struct camera_wish *wish,
                         struct camera_access *access, struct error *err)
{
        struct account account;
        struct error missing = {0};
        if (!catalog_camera_by_name(catalog, wish->name, &access->camera, err))
                return false;
        if (!catalog_account_of_camera(catalog, access->camera.id, &account, &missing))
                return none_there(&missing, err) && add_account(catalog, wish, access, err);
        memcpy(account.hash, access->account.hash, sizeof account.hash);
        access->account = account;
        return catalog_account_update(catalog, &account, err);
}

bool camera_setup_password(struct catalog *catalog, const struct camera_wish *wish,
                           struct camera_access *access, struct error *err)
{
        return catalog_begin_durable(catalog, err) &&
               end(catalog, set_password(catalog, wish, access, err), err);
}

static bool do_remove(struct catalog *catalog, const char *name, struct camera_id *camera_out,
                      struct error *err)
{
        struct camera camera;
        struct account account;
        struct error missing = {0};
        struct error stays = {0};
        if (!catalog_camera_by_name(catalog, name, &camera, err))
                return false;
        *camera_out = camera.id;
        if (catalog_account_of_camera(catalog, camera.id, &account, &missing)) {
                if (!catalog_account_remove(catalog, account.number, err))
                        return false;
        } else if (!none_there(&missing, err)) {
                return false;
        }
        if (catalog_camera_remove(catalog, camera.id, &stays))
                return true;
        if (stays.kind == ERROR_CONFLICT)
                return error_set(err, ERROR_CONFLICT,
                                 "the camera \"%s\" has pictures; delete them first, or disable "
                                 "the camera",
                                 name);
        *err = stays;
        return false;
}

bool camera_setup_remove(struct catalog *catalog, const char *name, struct camera_id *camera_out,
                         struct error *err)
{
        return catalog_begin_durable(catalog, err) &&
               end(catalog, do_remove(catalog, name, camera_out, err), err);
}
