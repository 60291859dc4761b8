#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Reads lists of pictures: rows of a path and the JSON of an IQeye comment, in either form, told
 * apart row by row:
 *
 *     path,"{""IQimage"":{...}}",      RFC 4180, quotes doubled, with or without the last comma
 *     path,{"IQimage":{...}}           raw, up to the end of the line
 *
 * Lines end by LF or CRLF; a byte order mark at the start and empty lines are passed over. A
 * path may be quoted as well; an unquoted one may hold commas. A row that is neither is bad, with a
 * reason; a quote that is not closed spoils its own line only. Pure and streaming: memory is
 * bounded, and what comes out does not depend on how the bytes are cut into pieces.
 */
enum { CSV_ROW_MAX = 65536 };

struct csv_row {
        int64_t line;    /* of the row's first byte, from 1 */
        const char *bad; /* why the row cannot be used; NULL: it can, and the rest is set */
        const char *path;
        size_t path_length;
        const char *json;
        size_t json_length;
};

struct csv {
        void (*each)(void *context, const struct csv_row *row); /* the row lives until it returns */
        void *context;
        int state;         /* private from here on */
        int64_t line;      /* of the byte to come */
        int64_t row_line;  /* of the row's first byte */
        int mark;          /* bytes of the byte order mark seen; 4: past it */
        size_t length;     /* of the row so far */
        size_t first_line; /* length of its first line, line end included; 0: it is one line */
        size_t path_end;   /* of the path's bytes as they stand in the row */
        size_t json_start, json_end;
        char row[CSV_ROW_MAX];
};

void csv_init(struct csv *csv, void (*each)(void *context, const struct csv_row *row),
              void *context);
void csv_feed(struct csv *csv, const char *bytes, size_t length);

/* The last row may lack its line end. */
void csv_end(struct csv *csv);
