/* What new cameras are called. */
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "catalog/sqlite_handle.h"

/* A name made to fit camera_name_valid; empty if nothing is left of it. */
static void clean_name(const char *name, char out[static CAMERA_NAME_SIZE])
{
        size_t used = 0;
        size_t length = strlen(name);
        for (size_t i = 0; i < length;) {
                size_t valid = utf8_length(name + i, length - i);
                if (used + (valid == 0 ? 1 : valid) >= CAMERA_NAME_SIZE)
                        break;
                unsigned char byte = (unsigned char)name[i];
                size_t unshown = utf8_unshown(name + i, length - i);
                if (valid == 0 || unshown > 0 || byte == '/' || byte == '\\') {
                        out[used++] = '_';
                        i += unshown > 0 ? unshown : 1;
                        continue;
                }
                if (used > 0 || byte != ' ') {
                        memcpy(out + used, name + i, valid);
                        used += valid;
                }
                i += valid;
        }
        while (used > 0 && out[used - 1] == ' ')
                used--;
        out[used] = '\0';
        if (!camera_name_valid(out))
                out[0] = '\0';
}

void camera_candidate(const struct facts *facts, int n, char out[static CAMERA_NAME_SIZE])
{
        clean_name(facts->camera_name, out);
        if (facts->has_mac && (n > 0 || out[0] == '\0')) {
                mac_format(facts->mac, out);
                for (char *at = out; *at != '\0'; at++)
                        *at = *at == ':' ? '_' : *at;
        } else if (out[0] == '\0') {
                snprintf(out, CAMERA_NAME_SIZE, "camera");
        }
        if (n > 1) {
                size_t used = strlen(out);
                snprintf(out + used, CAMERA_NAME_SIZE - used, "-%d", n);
        }
}

bool camera_directory(struct catalog *catalog, const char *name, char out[static CAMERA_NAME_SIZE],
                      struct error *err)
{
        for (int n = 1;; n++) {
                sqlite3_stmt *ask;
                bool row;
                char number[16] = "";
                if (n > 1)
                        snprintf(number, sizeof number, "-%d", n);
                size_t length = strlen(name);
                size_t room = CAMERA_NAME_SIZE - 1 - strlen(number);
                while (length > room || (length > 0 && length < strlen(name) &&
                                         ((unsigned char)name[length] & 0xc0) == 0x80))
                        length--;
                snprintf(out, CAMERA_NAME_SIZE, "%.*s%s", (int)length, name, number);
                if (!statement_get(catalog, CAMERA_DIRECTORY_TAKEN, &ask, err))
                        return false;
                statement_bind_text(ask, 1, out);
                if (!statement_step(catalog, ask, &row, err))
                        return false;
                bool taken = row && sqlite3_column_int(ask, 0) != 0;
                sqlite3_reset(ask);
                if (!taken)
                        return true;
        }
}
