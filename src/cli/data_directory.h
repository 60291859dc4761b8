#pragma once

#include "base/error.h"

enum { DATA_DIRECTORY_SIZE = 4096 };

/* The folder of the catalog: `option` (of --data) unless NULL, else $CCTVWEB_DATA, else
 * $XDG_DATA_HOME/cctvweb, else ~/.local/share/cctvweb. Only the name; it need not exist. */
bool data_directory(const char *option, char out[static DATA_DIRECTORY_SIZE],
                    struct error *err) MUST_CHECK;

/* What this process writes from here on is readable to its owner alone: the catalog tells who came
 * when. For commands that write below the data folder, before they do. */
void data_directory_keep_private(void);
