/*
 * Runs a fuzz target over its corpus as an ordinary test: each file of the folder named, whole and
 * cut at every length (long files at steps), each input in a heap block of exactly its size so that
 * sanitizers see a read past the end.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 1 << 20, PREFIXES_MAX = 600 };

static void feed(const uint8_t *bytes, size_t length)
{
        uint8_t *exact = malloc(length > 0 ? length : 1);

        if (exact == NULL)
                abort();
        if (length > 0)
                memcpy(exact, bytes, length);
        (void)LLVMFuzzerTestOneInput(exact, length);
        free(exact);
}

static void feed_all_prefixes(const uint8_t *bytes, size_t length)
{
        size_t step = length / PREFIXES_MAX + 1;

        for (size_t cut = 0; cut < length; cut += step)
                feed(bytes, cut);
        feed(bytes, length);
}

static int replay_file(const char *folder, const char *name, uint8_t *buffer)
{
        char path[4096];
        FILE *file;
        size_t length;

        snprintf(path, sizeof path, "%s/%s", folder, name);
        file = fopen(path, "rb");
        if (file == NULL)
                return -1;
        length = fread(buffer, 1, INPUT_MAX, file);
        fclose(file);
        feed_all_prefixes(buffer, length);
        return 0;
}

static int by_visible_name(const struct dirent *entry)
{
        return entry->d_name[0] != '.';
}

int main(int argc, char **argv)
{
        struct dirent **entries = NULL;
        uint8_t *buffer = malloc(INPUT_MAX);
        int count = argc == 2 ? scandir(argv[1], &entries, by_visible_name, alphasort) : -1;
        int failures = 0;

        if (count <= 0 || buffer == NULL) {
                puts("Bail out! no corpus");
                free(buffer);
                return 1;
        }
        printf("1..%d\n", count);
        for (int i = 0; i < count; i++) {
                int failed = replay_file(argv[1], entries[i]->d_name, buffer) != 0;

                failures += failed;
                printf("%s %d - %s\n", failed ? "not ok" : "ok", i + 1, entries[i]->d_name);
                fflush(stdout);
                free(entries[i]);
        }
        free(entries);
        free(buffer);
        return failures > 0;
}
