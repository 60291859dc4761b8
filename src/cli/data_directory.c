#include "cli/data_directory.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "base/text.h"

static const char *setting(const char *name)
{
        const char *value = getenv(name);
        return value != NULL && value[0] != '\0' ? value : NULL;
}

bool data_directory(const char *option, char out[static DATA_DIRECTORY_SIZE], struct error *err)
{
        struct text text;
        text_init(&text, out, DATA_DIRECTORY_SIZE);
        const char *named = option != NULL ? option : setting("CCTVWEB_DATA");
        const char *share = setting("XDG_DATA_HOME");
        const char *home = setting("HOME");
        if (named != NULL)
                text_add_string(&text, named);
        else if (share != NULL)
                text_add_format(&text, "%s/cctvweb", share);
        else if (home != NULL)
                text_add_format(&text, "%s/.local/share/cctvweb", home);
        if (!text_ok(&text))
                return error_set(err, ERROR_INPUT, "the path of the data folder is too long");
        if (text.length == 0)
                return error_set(err, ERROR_INPUT,
                                 "which data folder? Give --data DIR or set CCTVWEB_DATA");
        return true;
}

void data_directory_keep_private(void)
{
        umask(077);
}
