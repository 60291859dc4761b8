#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/settings.h"
#include "app/upload_addresses.h"
#include "base/json.h"
#include "cli/camera.h"
#include "query/answer.h"

enum { TEXT_BOUND = 64 << 20 };

/* ---- JSON ---- */

static void add_account(struct json *json, const struct account *account, const char *camera)
{
        json_open_object(json);
        json_add_string(json, "user", account->user);
        if (camera != NULL)
                json_add_string(json, "camera", camera);
        else
                json_add_null(json, "camera");
        json_add_bool(json, "download", account->download);
        json_add_bool(json, "disabled", account->disabled);
        json_add_utc(json, "created", account->created);
        json_close_object(json);
}

static bool print_text(struct text *text, struct error *err)
{
        bool ok = text_ok(text);
        if (!ok)
                error_set(err, ERROR_FULL, "too much to tell in JSON");
        else if (fputs(text->bytes, stdout) == EOF || putchar('\n') == EOF || fflush(stdout) != 0)
                ok = error_sys(err, "standard output");
        text_finish(text);
        return ok;
}

/* ---- where a camera has to send to ---- */

/* The server's FTP address as `serve` would find it. */
static void listen_of(const struct camera_job *job, char *out, size_t size)
{
        struct settings settings;
        struct error err;
        char path[4200];
        snprintf(path, sizeof path, "%s/cctvweb.yaml", job->directory);
        const char *listen = NULL;
        if (settings_init(&settings, &err) && settings_read_environment(&settings, getenv, &err)) {
                /* Without a file, or with one that is wrong, the default is as good a guess. */
                (void)!settings_read_file(&settings, path, &err);
                listen = settings_text(&settings, SETTING_FTP);
        }
        snprintf(out, size, "%s", listen != NULL ? listen : "[::]:2121");
        settings_finish(&settings);
}

static void target_of(const struct camera_job *job, struct upload_target *target)
{
        char listen[256];
        listen_of(job, listen, sizeof listen);
        const char *colon = strrchr(listen, ':');
        *target = (struct upload_target){
                .port = colon != NULL ? (uint16_t)strtol(colon + 1, NULL, 10) : 0};
        if (colon != NULL)
                upload_addresses(listen, target);
}

static void print_target(const struct camera_job *job)
{
        struct upload_target target;
        target_of(job, &target);
        puts("\nType this into the camera's page for FTP:");
        for (size_t i = 0; i < target.count; i++)
                printf("  %s    %s\n", i == 0 ? "server  " : "      or", target.addresses[i]);
        if (target.count == 0)
                puts("  server      the address of this machine");
        if (target.port > 0)
                printf("  port        %d\n", target.port);
        else
                puts("  port        FTP is switched off in the settings (ftp: off)");
        printf("  user        %s\n", job->account.user);
        printf("  password    %s\n", job->password[0] != '\0' ? job->password : "(as you set it)");
        puts("  folder      / or whatever it likes; passive mode if there is a choice");
        if (job->password[0] != '\0')
                puts("\nThe password is shown only now.");
}

static void add_target(const struct camera_job *job, struct json *json)
{
        struct upload_target target;
        target_of(job, &target);
        json_name(json, "servers");
        json_open_array(json);
        for (size_t i = 0; i < target.count; i++)
                json_text(json, target.addresses[i]);
        json_close_array(json);
        if (target.port > 0)
                json_add_int(json, "port", target.port);
        else
                json_add_null(json, "port");
}

/* ---- one ---- */

static bool tell_json(struct camera_job *job, const char *done, struct error *err)
{
        struct text text;
        struct json json;
        bool ok = true;
        text_init_growing(&text, TEXT_BOUND);
        json_init(&json, &text);
        json_open_object(&json);
        if (done != NULL)
                json_add_string(&json, "done", done);
        json_name(&json, "camera");
        if (job->has_camera)
                ok = answer_camera(&json, job->catalog, &job->camera, utc_now(), NULL, err);
        else
                json_none(&json);
        json_name(&json, "account");
        if (job->has_account)
                add_account(&json, &job->account, job->has_camera ? job->camera.name : NULL);
        else
                json_none(&json);
        if (job->password[0] != '\0')
                json_add_string(&json, "password", job->password);
        if (job->has_account)
                add_target(job, &json);
        json_close_object(&json);
        if (ok)
                return print_text(&text, err);
        text_finish(&text);
        return false;
}

bool camera_tell(struct camera_job *job, const char *done, struct error *err)
{
        const struct camera_options *options = job->options;
        if (options->json)
                return tell_json(job, done, err);
        if (options->name != NULL)
                printf("camera \"%s\" %s\n", options->name, done);
        else
                printf("account \"%s\" %s\n", options->user, done);
        bool removed = strcmp(done, "removed") == 0;
        if (removed && job->has_camera && job->camera.frames > 0)
                printf("its %" PRId64 " frames stay and can still be viewed\n", job->camera.frames);
        if (strcmp(done, "added") == 0 ||
            (strcmp(done, "changed") == 0 && job->password[0] != '\0'))
                print_target(job);
        return fflush(stdout) == 0 || error_sys(err, "standard output");
}

bool camera_show(struct camera_job *job, struct error *err)
{
        const struct camera_options *options = job->options;
        struct error missing = {0};
        char last[UTC_TEXT_SIZE] = "never";
        if (options->name != NULL) {
                if (!catalog_camera_by_name(job->catalog, options->name, &job->camera, err))
                        return false;
                job->has_camera = true;
                job->has_account = catalog_account_of_camera(job->catalog, job->camera.id,
                                                             &job->account, &missing);
        } else {
                if (!catalog_account_by_user(job->catalog, options->user, &job->account, err))
                        return false;
                job->has_account = true;
                job->has_camera = job->account.camera.value != 0 &&
                                  catalog_camera_by_id(job->catalog, job->account.camera,
                                                       &job->camera, &missing);
        }
        if (options->json)
                return tell_json(job, NULL, err);
        if (job->has_camera) {
                const struct camera *camera = &job->camera;
                if (camera->has_frames)
                        utc_format(camera->last.time, last);
                printf("camera      %s%s%s\n", camera->name, camera->is_new ? " (new)" : "",
                       camera->disabled ? " (disabled)" : "");
                printf("zone        %s\n", camera->zone);
                if (camera->path_template[0] != '\0')
                        printf("template    %s\n", camera->path_template);
                printf("dwell       %" PRId64 " ms\n", camera->dwell_ms);
                printf("frames      %" PRId64 ", %" PRId64 " bytes, last %s\n", camera->frames,
                       camera->bytes, last);
        }
        if (job->has_account)
                printf("account     %s%s%s%s\n", job->account.user,
                       job->account.camera.value == 0 ? " (shared)" : "",
                       job->account.download ? " (may download)" : "",
                       job->account.disabled ? " (disabled)" : "");
        else
                puts("account     none");
        return fflush(stdout) == 0 || error_sys(err, "standard output");
}

/* ---- all ---- */

struct listing {
        struct camera_job *job;
        struct json *json; /* NULL: text */
        struct error *err;
        bool ok;
        int64_t count;
};

static bool list_camera(void *context, const struct camera *camera)
{
        struct listing *listing = context;
        struct catalog *catalog = listing->job->catalog;
        struct account account;
        struct error missing = {0};
        listing->count++;
        if (listing->json != NULL) {
                listing->ok = answer_camera(listing->json, catalog, camera, utc_now(), NULL,
                                            listing->err);
                return listing->ok;
        }
        bool has = catalog_account_of_camera(catalog, camera->id, &account, &missing);
        printf("%-24s %-20s %10" PRId64 " frames%s%s\n", camera->name, has ? account.user : "-",
               camera->frames, camera->disabled ? "  disabled" : "", camera->is_new ? "  new" : "");
        return true;
}

static bool list_shared(void *context, const struct account *account)
{
        struct listing *listing = context;
        if (account->camera.value != 0)
                return true;
        if (listing->json != NULL)
                add_account(listing->json, account, NULL);
        else
                printf("%-24s %-20s %17s%s\n", "(shared)", account->user, "",
                       account->disabled ? "  disabled" : "");
        return true;
}

bool camera_list(struct camera_job *job, struct error *err)
{
        struct text text;
        struct json json;
        struct listing listing = {.job = job, .err = err, .ok = true};
        text_init_growing(&text, TEXT_BOUND);
        json_init(&json, &text);
        if (job->options->json) {
                listing.json = &json;
                json_open_object(&json);
                json_name(&json, "cameras");
                json_open_array(&json);
        }
        bool ok = catalog_cameras(job->catalog, list_camera, &listing, err) && listing.ok;
        if (listing.json != NULL) {
                json_close_array(&json);
                json_add_int(&json, "total", listing.count);
                json_name(&json, "shared_accounts");
                json_open_array(&json);
        }
        ok = ok && catalog_accounts(job->catalog, list_shared, &listing, err);
        if (ok && listing.json != NULL) {
                json_close_array(&json);
                json_close_object(&json);
                return print_text(&text, err);
        }
        text_finish(&text);
        return ok && (fflush(stdout) == 0 || error_sys(err, "standard output"));
}
