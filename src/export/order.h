#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"
#include "export/format.h"
#include "model/frame.h"

/*
 * What an export was asked to be, and its text as the catalog keeps it: cameras by their numbers,
 * so that one may be renamed meanwhile.
 */
struct export_order {
        enum export_format format;
        bool burn_in;              /* camera and time in the picture */
        struct stretch *stretches; /* owned when read by order_read */
        size_t count;
};

/* ERROR_INPUT when the format cannot do what is asked for. */
bool order_check(const struct export_order *order, struct error *err) MUST_CHECK;

void order_write(const struct export_order *order, struct text *out);

/* Of a text that order_write wrote; ERROR_CORRUPT when it is none. */
bool order_read(const char *text, size_t length, struct export_order *order_out,
                struct error *err) MUST_CHECK;

/* Accepts a zeroed one. */
void order_free(struct export_order *order);
