#pragma once

#include <stdint.h>

#include "base/error.h"
#include "base/json.h"
#include "catalog/exports.h"

/*
 * The JSON object of an export, and where its file lies.
 */
enum { EXPORT_PATH_SIZE = 4200, EXPORT_KEPT_DAYS = 7 };

struct export_told {
        const struct export_row *row;
        int64_t done;     /* pictures it has got through while it is being made */
        bool removed;     /* it is no longer there */
        size_t stretches; /* told at most; 0: all */
};

bool answer_export(struct json *json, struct catalog *catalog, const struct export_told *told,
                   struct error *err) MUST_CHECK;

/* Below the data folder: "DATA/exports/12.mov". Nothing but its id and format is part of it. */
bool export_path(const char *data_directory, const struct export_row *row,
                 char out[static EXPORT_PATH_SIZE], struct error *err) MUST_CHECK;
