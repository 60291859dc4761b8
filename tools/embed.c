/*
 * embed OUT.c DEPFILE FOLDER NAME=FILE...: writes the files below FOLDER (the built web app) and
 * the further files as a C source with a table of struct asset (src/serve/assets.h), each as it is
 * and, where that is smaller, compressed. Without FOLDER/index.html a page that says how to build
 * it stands in its place. OUT.c is left alone when nothing changes.
 */
#include <brotli/encode.h>
#include <dirent.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

enum { FILES_MOST = 4096, PATH_SIZE = 4096, GZIP_WINDOW = 31 };

struct bytes {
        uint8_t *at;
        size_t length;
};

struct file {
        char *url;  /* as served, NULL ends the list */
        char *path; /* on disk */
};

static struct file files[FILES_MOST];
static size_t file_count;

static const struct {
        const char *ending;
        const char *type;
        bool compress;
} types[] = {
        {".html", "text/html; charset=utf-8", true},
        {".js", "text/javascript; charset=utf-8", true},
        {".css", "text/css; charset=utf-8", true},
        {".json", "application/json", true},
        {".map", "application/json", true},
        {".svg", "image/svg+xml", true},
        {".webmanifest", "application/manifest+json", true},
        {".txt", "text/plain; charset=utf-8", true},
        {".wasm", "application/wasm", true},
        {".ico", "image/x-icon", true},
        {".png", "image/png", false},
        {".jpg", "image/jpeg", false},
        {".webp", "image/webp", false},
        {".woff2", "font/woff2", false},
        {"", "application/octet-stream", true},
};

static char no_app[] =
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>cctvweb</title>"
        "<h1>cctvweb</h1><p>The web app was not built into this program. In the source tree: "
        "<code>cd web &amp;&amp; npm ci &amp;&amp; npm run build</code>, then build the program "
        "again; <code>./run</code> does both.</p><p>The API is at <a "
        "href=\"/api/v1/openapi.json\">/api/v1/openapi.json</a>.</p></html>\n";

static _Noreturn void die(const char *what, const char *path)
{
        fprintf(stderr, "embed: cannot %s %s\n", what, path);
        exit(1);
}

static char *join(const char *a, const char *b, const char *c)
{
        size_t room = strlen(a) + strlen(b) + strlen(c) + 1;
        char *joined = malloc(room);
        if (joined == NULL)
                die("find memory for", c);
        snprintf(joined, room, "%s%s%s", a, b, c);
        return joined;
}

static void add_file(char *url, char *path)
{
        if (file_count == FILES_MOST)
                die("embed so many files as are below", path);
        files[file_count++] = (struct file){url, path};
}

/* NOLINTNEXTLINE(misc-no-recursion): as deep as the folders are */
static void walk(const char *folder, const char *url)
{
        DIR *stream = opendir(folder);
        if (stream == NULL)
                return;
        const struct dirent *entry;
        while ((entry = readdir(stream)) != NULL) {
                if (entry->d_name[0] == '.')
                        continue;
                char *path = join(folder, "/", entry->d_name);
                char *below = join(url, "/", entry->d_name);
                struct stat status;
                if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
                        walk(path, below);
                        free(path);
                        free(below);
                } else {
                        add_file(below, path);
                }
        }
        closedir(stream);
}

static struct bytes read_file(const char *path)
{
        FILE *in = fopen(path, "rb");
        if (in == NULL)
                die("open", path);
        fseek(in, 0, SEEK_END);
        long length = ftell(in);
        rewind(in);
        struct bytes bytes = {malloc(length > 0 ? (size_t)length : 1), (size_t)length};
        if (length < 0 || bytes.at == NULL || fread(bytes.at, 1, bytes.length, in) != bytes.length)
                die("read", path);
        fclose(in);
        return bytes;
}

static struct bytes pack_brotli(struct bytes in)
{
        size_t room = BrotliEncoderMaxCompressedSize(in.length) + 64;
        struct bytes out = {malloc(room), room};
        if (out.at == NULL ||
            !BrotliEncoderCompress(BROTLI_MAX_QUALITY, BROTLI_MAX_WINDOW_BITS, BROTLI_MODE_GENERIC,
                                   in.length, in.at, &out.length, out.at))
                out.length = 0;
        return out;
}

static struct bytes pack_gzip(struct bytes in)
{
        z_stream stream = {0};
        if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, GZIP_WINDOW, 9,
                         Z_DEFAULT_STRATEGY) != Z_OK)
                return (struct bytes){0};
        size_t room = deflateBound(&stream, in.length) + 64;
        struct bytes out = {malloc(room), 0};
        stream.next_in = in.at;
        stream.avail_in = (unsigned)in.length;
        stream.next_out = out.at;
        stream.avail_out = (unsigned)room;
        if (out.at != NULL && deflate(&stream, Z_FINISH) == Z_STREAM_END)
                out.length = stream.total_out;
        deflateEnd(&stream);
        return out;
}

static void write_array(FILE *out, size_t number, const char *name, struct bytes bytes)
{
        fprintf(out, "static const unsigned char %s_%zu[] = {", name, number);
        for (size_t i = 0; i < bytes.length; i++)
                fprintf(out, "%s%u,", i % 32 == 0 ? "\n" : "", bytes.at[i]);
        fprintf(out, "0};\n");
}

static uint64_t hash_of(struct bytes bytes)
{
        uint64_t hash = UINT64_C(0xcbf29ce484222325);
        for (size_t i = 0; i < bytes.length; i++)
                hash = (hash ^ bytes.at[i]) * UINT64_C(0x100000001b3);
        return hash;
}

static void write_body(FILE *out, size_t number, const char *name, struct bytes bytes)
{
        if (bytes.length > 0)
                fprintf(out, "{%s_%zu, %zu}, ", name, number, bytes.length);
        else
                fprintf(out, "{0, 0}, ");
}

/* The arrays of one file go to `out`, its row to `table`. */
static void write_file(FILE *out, FILE *table, size_t number, const char *url, struct bytes whole)
{
        size_t type = 0;
        for (; types[type].ending[0] != '\0'; type++) {
                size_t length = strlen(url);
                size_t ending = strlen(types[type].ending);
                if (length >= ending && strcmp(url + length - ending, types[type].ending) == 0)
                        break;
        }
        struct bytes gzip = {0};
        struct bytes brotli = {0};
        if (types[type].compress) {
                gzip = pack_gzip(whole);
                brotli = pack_brotli(whole);
        }
        if (gzip.length >= whole.length)
                gzip.length = 0;
        if (brotli.length >= whole.length)
                brotli.length = 0;
        write_array(out, number, "whole", whole);
        if (gzip.length > 0)
                write_array(out, number, "gzip", gzip);
        if (brotli.length > 0)
                write_array(out, number, "brotli", brotli);
        bool immutable = strncmp(url, "/assets/", 8) == 0;
        fprintf(table, "{\"%s\", \"%s\", \"%016" PRIx64 "\", %s, {", url, types[type].type,
                hash_of(whole), immutable ? "true" : "false");
        write_body(table, number, "whole", whole);
        write_body(table, number, "gzip", gzip);
        write_body(table, number, "brotli", brotli);
        fprintf(table, "}},\n");
        free(gzip.at);
        free(brotli.at);
}

static int by_url(const void *a, const void *b)
{
        return strcmp(((const struct file *)a)->url, ((const struct file *)b)->url);
}

static void write_source(FILE *out)
{
        char *rows = NULL;
        size_t rows_length = 0;
        FILE *table = open_memstream(&rows, &rows_length);
        if (table == NULL)
                die("write", "the table");
        bool has_index = false;
        fprintf(out, "/* Made by tools/embed.c. */\n#include \"serve/assets.h\"\n");
        for (size_t i = 0; i < file_count; i++) {
                struct bytes whole = read_file(files[i].path);
                has_index = has_index || strcmp(files[i].url, "/index.html") == 0;
                write_file(out, table, i, files[i].url, whole);
                free(whole.at);
        }
        if (!has_index) {
                struct bytes page = {(uint8_t *)no_app, sizeof no_app - 1};
                write_file(out, table, file_count++, "/index.html", page);
        }
        fclose(table);
        fprintf(out, "const size_t asset_count = %zu;\nconst struct asset assets[] = {\n%s};\n",
                file_count, rows);
        free(rows);
}

static void write_if_other(const char *path, const char *text, size_t length)
{
        FILE *old = fopen(path, "rb");
        if (old != NULL) {
                fclose(old);
                struct bytes known = read_file(path);
                bool same = known.length == length && memcmp(known.at, text, length) == 0;
                free(known.at);
                if (same)
                        return;
        }
        FILE *out = fopen(path, "wb");
        if (out == NULL || fwrite(text, 1, length, out) != length || fclose(out) != 0)
                die("write", path);
}

int main(int argc, char **argv)
{
        if (argc < 4) {
                fprintf(stderr, "usage: embed OUT.c DEPFILE FOLDER [NAME=FILE]...\n");
                return 2;
        }
        walk(argv[3], "");
        for (int i = 4; i < argc; i++) {
                char *equals = strchr(argv[i], '=');
                if (equals == NULL)
                        die("understand", argv[i]);
                *equals = '\0';
                add_file(argv[i], equals + 1);
        }
        qsort(files, file_count, sizeof files[0], by_url);
        FILE *dependencies = fopen(argv[2], "w");
        if (dependencies == NULL)
                die("write", argv[2]);
        /* index.html always: when it is not there ninja looks again next time. */
        fprintf(dependencies, "%s: %s/index.html", argv[1], argv[3]);
        for (size_t i = 0; i < file_count; i++)
                fprintf(dependencies, " \\\n  %s", files[i].path);
        fprintf(dependencies, "\n");
        if (fclose(dependencies) != 0)
                die("write", argv[2]);
        char *text = NULL;
        size_t length = 0;
        FILE *out = open_memstream(&text, &length);
        if (out == NULL)
                die("write", argv[1]);
        write_source(out);
        fclose(out);
        write_if_other(argv[1], text, length);
        return 0;
}
