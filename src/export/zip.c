#include "export/zip.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "export/manifest.h"
#include "export/name.h"
#include "export/walk.h"

enum { BLOCK = 128 << 10, LINES_BOUND = 1 << 20, LINES_FLUSH = 64 << 10, HASHES_FIRST = 1024 };

static const char manifest_name[] = "manifest.json";
static const char sums_name[] = "SHA256SUMS";

enum zip_phase {
        ZIP_PICTURES,
        ZIP_MANIFEST_BEGIN,
        ZIP_MANIFEST,
        ZIP_SUMS_BEGIN,
        ZIP_SUMS,
        ZIP_CLOSE,
        ZIP_ENDED
};

struct zip {
        const struct export_source *source;
        struct archive *archive;
        struct archive_entry *entry;
        struct text *out; /* of the call that is going on; NULL: nobody wants it any more */
        struct utc made;
        enum zip_phase phase;
        struct walk walk;
        const struct walk_item *item; /* being read; NULL: none */
        struct extent extent;         /* of it; fd -1: none */
        crypto_hash_sha256_state hashing;
        uint8_t (*hashes)[SHA256_BYTES];
        size_t hash_room;
        int64_t done;
        size_t at; /* of the walk that goes on */
        int64_t manifest_bytes;
        int64_t sums_bytes;
        crypto_hash_sha256_state manifest_hashing;
        struct text lines;
        struct json json; /* into lines */
        char *block;
};

static la_ssize_t on_bytes(struct archive *archive, void *context, const void *bytes, size_t length)
{
        struct zip *zip = context;
        (void)archive;
        if (zip->out == NULL)
                return (la_ssize_t)length;
        text_add(zip->out, bytes, length);
        return text_ok(zip->out) ? (la_ssize_t)length : -1;
}

static bool failed(const struct zip *zip, struct error *err)
{
        const char *why = archive_error_string(zip->archive);
        return error_set(err, ERROR_SYSTEM, "libarchive: %s", why != NULL ? why : "no memory");
}

/* ---- entries ---- */

static bool begin_entry(struct zip *zip, const char *name, int64_t bytes, struct utc modified,
                        struct error *err)
{
        struct archive_entry *entry = archive_entry_clear(zip->entry);
        archive_entry_set_pathname_utf8(entry, name);
        archive_entry_set_filetype(entry, AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        archive_entry_set_size(entry, bytes);
        archive_entry_set_mtime(entry, modified.ms / 1000, 0);
        return archive_write_header(zip->archive, entry) == ARCHIVE_OK || failed(zip, err);
}

static bool add_bytes(struct zip *zip, const void *bytes, size_t length, struct error *err)
{
        return length == 0 ||
               archive_write_data(zip->archive, bytes, length) == (la_ssize_t)length ||
               failed(zip, err);
}

static bool end_entry(struct zip *zip, struct error *err)
{
        return archive_write_finish_entry(zip->archive) == ARCHIVE_OK || failed(zip, err);
}

/* ---- pictures ---- */

static bool room_for_hash(struct zip *zip, struct error *err)
{
        if ((size_t)zip->done < zip->hash_room)
                return true;
        size_t room = zip->hash_room > 0 ? 2 * zip->hash_room : HASHES_FIRST;
        uint8_t(*grown)[SHA256_BYTES] = reallocarray(zip->hashes, room, sizeof *grown);
        if (grown == NULL)
                return error_set(err, ERROR_FULL, "no memory for the sums of so many pictures");
        zip->hashes = grown;
        zip->hash_room = room;
        return true;
}

static const struct camera *camera_of(const struct zip *zip, const struct walk_item *item)
{
        return &zip->source->camera(zip->source->context, item->stretch)->camera;
}

static bool begin_picture(struct zip *zip, struct error *err)
{
        char name[EXPORT_NAME_SIZE];
        if (!walk_next(&zip->walk, &zip->item, err)) {
                zip->item = NULL;
                zip->phase = ZIP_MANIFEST_BEGIN;
                return err->kind == ERROR_NONE;
        }
        const struct frame *frame = &zip->item->frame;
        export_picture_name(camera_of(zip, zip->item), frame, name);
        crypto_hash_sha256_init(&zip->hashing);
        return room_for_hash(zip, err) &&
               zip->source->open(zip->source->context, frame, &zip->extent, err) &&
               begin_entry(zip, name, frame->bytes, frame->key.time, err);
}

/* What the manifest and the sums are going to say of it is made once for its length alone. */
static bool measure(struct zip *zip, struct error *err)
{
        char name[EXPORT_NAME_SIZE];
        text_clear(&zip->lines);
        if (!manifest_frame(&zip->json, zip->source, zip->item, zip->hashes[zip->done], err))
                return false;
        if (!text_ok(&zip->lines))
                return error_set(err, ERROR_FULL, "no memory for a manifest");
        zip->manifest_bytes += (int64_t)zip->lines.length;
        export_picture_name(camera_of(zip, zip->item), &zip->item->frame, name);
        zip->sums_bytes += SHA256_TEXT_SIZE - 1 + 2 + (int64_t)strlen(name) + 1;
        return true;
}

static bool end_picture(struct zip *zip, struct error *err)
{
        close(zip->extent.fd);
        zip->extent.fd = -1;
        crypto_hash_sha256_final(&zip->hashing, zip->hashes[zip->done]);
        if (!measure(zip, err))
                return false;
        zip->done++;
        zip->item = NULL;
        return end_entry(zip, err);
}

static bool add_picture_bytes(struct zip *zip, struct error *err)
{
        struct extent *extent = &zip->extent;
        size_t wanted = extent->length < BLOCK ? (size_t)extent->length : BLOCK;
        ssize_t got;
        do
                got = pread(extent->fd, zip->block, wanted, extent->offset);
        while (got < 0 && errno == EINTR);
        if (got < 0)
                return error_sys(err, "read a picture");
        if (got == 0 && wanted > 0)
                return error_set(err, ERROR_GONE, "a file became shorter");
        crypto_hash_sha256_update(&zip->hashing, (unsigned char *)zip->block, (size_t)got);
        extent->offset += got;
        extent->length -= got;
        return add_bytes(zip, zip->block, (size_t)got, err) &&
               (extent->length > 0 || end_picture(zip, err));
}

/* ---- manifest and sums ---- */

/* Starts the document in `lines`; the separators of the list stay the same in both passes. */
static void begin_manifest(struct zip *zip)
{
        text_clear(&zip->lines);
        json_init(&zip->json, &zip->lines);
        manifest_begin(&zip->json, zip->source, zip->made);
}

/* What is in `lines` goes into the entry. */
static bool flush_lines(struct zip *zip, struct error *err)
{
        if (!text_ok(&zip->lines))
                return error_set(err, ERROR_FULL, "no memory for a manifest");
        if (zip->phase == ZIP_MANIFEST_BEGIN || zip->phase == ZIP_MANIFEST)
                crypto_hash_sha256_update(&zip->manifest_hashing,
                                          (const unsigned char *)zip->lines.bytes,
                                          zip->lines.length);
        bool fine = add_bytes(zip, zip->lines.bytes, zip->lines.length, err);
        text_clear(&zip->lines);
        return fine;
}

static bool enter_manifest(struct zip *zip, struct error *err)
{
        text_clear(&zip->lines);
        manifest_end(&zip->json, zip->done);
        zip->manifest_bytes += (int64_t)zip->lines.length;
        begin_manifest(zip);
        crypto_hash_sha256_init(&zip->manifest_hashing);
        walk_begin(&zip->walk, zip->source);
        zip->at = 0;
        if (!begin_entry(zip, manifest_name, zip->manifest_bytes, zip->made, err) ||
            !flush_lines(zip, err))
                return false;
        zip->phase = ZIP_MANIFEST;
        return true;
}

static bool changed(struct error *err)
{
        return error_set(err, ERROR_CONFLICT, "the pictures changed while they were exported");
}

/* One more frame of the walk over the frames that are in; false with ERROR_NONE at its end. */
static bool next_again(struct zip *zip, const struct walk_item **item_out, struct error *err)
{
        if (!walk_next(&zip->walk, item_out, err)) {
                if (err->kind == ERROR_NONE && zip->at != (size_t)zip->done)
                        changed(err);
                return false;
        }
        return zip->at < (size_t)zip->done || changed(err);
}

static bool add_manifest(struct zip *zip, struct error *err)
{
        const struct walk_item *item;
        while (zip->lines.length < LINES_FLUSH) {
                if (next_again(zip, &item, err)) {
                        if (!manifest_frame(&zip->json, zip->source, item, zip->hashes[zip->at++],
                                            err))
                                return false;
                        continue;
                }
                if (err->kind != ERROR_NONE)
                        return false;
                manifest_end(&zip->json, zip->done);
                if (!flush_lines(zip, err))
                        return false;
                zip->phase = ZIP_SUMS_BEGIN;
                return end_entry(zip, err);
        }
        return flush_lines(zip, err);
}

static void add_sum(struct zip *zip, const uint8_t hash[static SHA256_BYTES], const char *name)
{
        char sum[SHA256_TEXT_SIZE];
        sha256_format(hash, sum);
        text_add_format(&zip->lines, "%s  %s\n", sum, name);
}

static bool enter_sums(struct zip *zip, struct error *err)
{
        uint8_t hash[SHA256_BYTES];
        crypto_hash_sha256_final(&zip->manifest_hashing, hash);
        text_clear(&zip->lines);
        add_sum(zip, hash, manifest_name);
        int64_t bytes = zip->sums_bytes + (int64_t)zip->lines.length;
        walk_begin(&zip->walk, zip->source);
        zip->at = 0;
        zip->phase = ZIP_SUMS;
        return begin_entry(zip, sums_name, bytes, zip->made, err) && flush_lines(zip, err);
}

static bool add_sums(struct zip *zip, struct error *err)
{
        const struct walk_item *item;
        char name[EXPORT_NAME_SIZE];
        while (zip->lines.length < LINES_FLUSH) {
                if (next_again(zip, &item, err)) {
                        export_picture_name(camera_of(zip, item), &item->frame, name);
                        add_sum(zip, zip->hashes[zip->at++], name);
                        continue;
                }
                if (err->kind != ERROR_NONE || !flush_lines(zip, err))
                        return false;
                zip->phase = ZIP_CLOSE;
                return end_entry(zip, err);
        }
        return flush_lines(zip, err);
}

/* ---- life ---- */

bool zip_next(struct zip *zip, struct text *out, struct error *err)
{
        zip->out = out;
        switch (zip->phase) {
        case ZIP_PICTURES:
                return zip->item == NULL ? begin_picture(zip, err) : add_picture_bytes(zip, err);
        case ZIP_MANIFEST_BEGIN: return enter_manifest(zip, err);
        case ZIP_MANIFEST: return add_manifest(zip, err);
        case ZIP_SUMS_BEGIN: return enter_sums(zip, err);
        case ZIP_SUMS: return add_sums(zip, err);
        case ZIP_CLOSE:
                zip->phase = ZIP_ENDED;
                return archive_write_close(zip->archive) == ARCHIVE_OK || failed(zip, err);
        case ZIP_ENDED: break;
        }
        return true;
}

bool zip_ended(const struct zip *zip)
{
        return zip->phase == ZIP_ENDED;
}

int64_t zip_done(const struct zip *zip)
{
        return zip->done;
}

static bool open_archive(struct zip *zip, struct error *err)
{
        zip->archive = archive_write_new();
        zip->entry = archive_entry_new();
        zip->block = malloc(BLOCK);
        if (zip->archive == NULL || zip->entry == NULL || zip->block == NULL || sodium_init() < 0)
                return error_set(err, ERROR_FULL, "no memory for an archive");
        /* Names are UTF-8 whatever the locale of the process; output is not gathered in blocks. */
        if (archive_write_set_format_zip(zip->archive) != ARCHIVE_OK ||
            archive_write_zip_set_compression_store(zip->archive) != ARCHIVE_OK ||
            archive_write_set_options(zip->archive, "zip:hdrcharset=UTF-8") != ARCHIVE_OK ||
            archive_write_set_bytes_per_block(zip->archive, 0) != ARCHIVE_OK ||
            archive_write_open(zip->archive, zip, NULL, on_bytes, NULL) != ARCHIVE_OK)
                return failed(zip, err);
        return true;
}

bool zip_create(const struct export_source *source, struct utc made, struct zip **zip_out,
                struct error *err)
{
        if (source->bytes == 0)
                return error_set(err, ERROR_NOT_FOUND, "there are no pictures in this time");
        if (source->frames > ZIP_FRAMES_MAX)
                return error_set(
                        err, ERROR_INPUT,
                        "these are more than the %d pictures an archive can take; choose a "
                        "shorter time",
                        ZIP_FRAMES_MAX);
        struct zip *zip = calloc(1, sizeof *zip);
        if (zip == NULL)
                return error_set(err, ERROR_FULL, "no memory for an archive");
        zip->source = source;
        zip->made = made;
        zip->extent.fd = -1;
        text_init_growing(&zip->lines, LINES_BOUND);
        if (!open_archive(zip, err)) {
                zip_destroy(&zip);
                return false;
        }
        begin_manifest(zip);
        zip->manifest_bytes = (int64_t)zip->lines.length;
        walk_begin(&zip->walk, source);
        *zip_out = zip;
        return true;
}

/* What the library still writes goes nowhere; it would leak memory if it were told to give up. */
void zip_destroy(struct zip **zip)
{
        struct zip *gone = *zip;
        if (gone == NULL)
                return;
        gone->out = NULL;
        archive_write_free(gone->archive);
        archive_entry_free(gone->entry);
        if (gone->extent.fd >= 0)
                close(gone->extent.fd);
        text_finish(&gone->lines);
        free(gone->hashes);
        free(gone->block);
        free(gone);
        *zip = NULL;
}
