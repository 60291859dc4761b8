#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * What a compiled template is made of, shared by path_template.c (which compiles) and
 * template_match.c (which matches): a row of nodes, each of which takes a piece of the path.
 */
enum node_kind {
        NODE_LITERAL, /* this byte */
        NODE_COLON,   /* one of : _ . - */
        NODE_BLANK,   /* one of blank _ + - */
        NODE_YEAR,    /* four digits */
        NODE_YEAR_OF_CENTURY,
        NODE_MONTH,
        NODE_MONTH_NAME,  /* "Feb" */
        NODE_MONTH_NAMED, /* "February" */
        NODE_DAY,
        NODE_DAY_PADDED, /* one or two digits, perhaps after a blank */
        NODE_DAY_OF_YEAR,
        NODE_WEEKDAY_NAME,
        NODE_WEEKDAY_NAMED,
        NODE_HOUR,
        NODE_HOUR_PADDED,
        NODE_HOUR12,
        NODE_HOUR12_PADDED,
        NODE_HALF, /* AM, PM */
        NODE_MINUTE,
        NODE_SECOND,
        NODE_EPOCH_SECONDS,
        NODE_EPOCH_MS,
        NODE_DIGIT,      /* a digit that says nothing, as the weekday's number */
        NODE_TWO_DIGITS, /* likewise, as the week's number */
        NODE_MAC,
        NODE_ADDRESS, /* IP */
        NODE_TEXT,    /* anything within a part, at least a byte */
        NODE_NAME     /* likewise, and it is the camera's name */
};

struct node {
        uint8_t kind; /* enum node_kind */
        char byte;    /* of NODE_LITERAL */
        uint8_t text; /* which of the texts, of NODE_TEXT and NODE_NAME */
        uint8_t at;   /* where in the template it is written */
};

enum { NODES_MAX = 320, TEXTS_MAX = 8 };

struct path_template {
        size_t count;
        size_t parts; /* folders and name */
        size_t texts;
        struct node nodes[NODES_MAX];
};
