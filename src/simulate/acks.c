#include "simulate/acks.h"

#include <fcntl.h>
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/utc.h"

enum { DIGEST_SIZE = 32, LINE_SIZE = 2048 };

struct acks {
        char *path;
        int fd;
};

void acks_mac_format(const uint8_t mac[static 6], char out[static ACKS_MAC_SIZE])
{
        snprintf(out, ACKS_MAC_SIZE, "%02x_%02x_%02x_%02x_%02x_%02x", mac[0], mac[1], mac[2],
                 mac[3], mac[4], mac[5]);
}

bool acks_open(const char *path, struct acks **acks_out, struct error *err)
{
        struct acks *acks = calloc(1, sizeof *acks);
        char *copy = strdup(path);
        int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
        if (acks == NULL || copy == NULL || fd < 0) {
                error_sys(err, "open %s", path);
                if (fd >= 0)
                        close(fd);
                free(acks);
                free(copy);
                return false;
        }
        *acks = (struct acks){.path = copy, .fd = fd};
        *acks_out = acks;
        return true;
}

void acks_close(struct acks **acks)
{
        if (*acks == NULL)
                return;
        close((*acks)->fd);
        free((*acks)->path);
        free(*acks);
        *acks = NULL;
}

bool acks_add(struct acks *acks, const uint8_t *bytes, size_t length, const char *path,
              struct error *err)
{
        uint8_t digest[DIGEST_SIZE];
        if (gnutls_hash_fast(GNUTLS_DIG_SHA256, bytes, length, digest) < 0)
                return error_set(err, ERROR_SYSTEM, "the checksum of %s could not be made", path);
        char hex[2 * DIGEST_SIZE + 1];
        for (int i = 0; i < DIGEST_SIZE; i++)
                snprintf(hex + 2 * i, 3, "%02x", digest[i]);
        char now[UTC_TEXT_SIZE];
        utc_format(utc_now(), now);
        char line[LINE_SIZE];
        int size = snprintf(line, sizeof line, "%s %s %s\n", hex, path, now);
        if (size < 0 || size >= LINE_SIZE)
                return error_set(err, ERROR_INPUT, "the path %.100s... is too long", path);
        /* one call: lines of several threads do not mix, and none is torn by the end of the process
         */
        if (write(acks->fd, line, (size_t)size) != size)
                return error_sys(err, "write %s", acks->path);
        return true;
}

bool acks_count(const struct acks *acks, const uint8_t mac[static 6], int64_t *count_out,
                struct error *err)
{
        char wanted[ACKS_MAC_SIZE + 2];
        char text[ACKS_MAC_SIZE];
        acks_mac_format(mac, text);
        snprintf(wanted, sizeof wanted, "%s/", text);
        FILE *file = fopen(acks->path, "re");
        if (file == NULL)
                return error_sys(err, "open %s", acks->path);
        *count_out = 0;
        char line[LINE_SIZE];
        while (fgets(line, sizeof line, file) != NULL)
                *count_out += strstr(line, wanted) != NULL && strchr(line, '\n') != NULL;
        bool ok = !ferror(file);
        if (!ok)
                error_sys(err, "read %s", acks->path);
        fclose(file);
        return ok;
}
