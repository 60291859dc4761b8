#include "base/folder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

bool folder_make(const char *path, struct error *err)
{
        char *copy = strdup(path);
        if (copy == NULL)
                return error_sys(err, "create %s", path);
        bool ok = true;
        for (char *at = copy + (copy[0] != '\0'); ok; at++) {
                bool end = *at == '\0';
                if (!end && *at != '/')
                        continue;
                *at = '\0';
                if (mkdir(copy, end ? 0700 : 0777) < 0 && errno != EEXIST)
                        ok = error_sys(err, "create %s", copy);
                if (end)
                        break;
                *at = '/';
        }
        free(copy);
        return ok;
}
