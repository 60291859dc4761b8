#pragma once

#include <stdbool.h>

/*
 * What a file's name says of whether it may be a picture, before it is opened; and the reasons for
 * which a file is no frame, as counters and reports name them. Pure.
 */
enum skip_reason {
        SKIP_NONE,       /* it may be a picture */
        SKIP_EXTENSION,  /* an extension of something else: .mp4, .txt, ... */
        SKIP_HIDDEN,     /* begins with a dot */
        SKIP_TEMPORARY,  /* .tmp, .part: the sender renames it when done */
        SKIP_VENDOR,     /* DVRWorkDirectory and its kin */
        SKIP_LINK,       /* a symbolic link; those are not followed */
        SKIP_SPECIAL,    /* no regular file: a pipe, a socket, a device */
        SKIP_EMPTY,      /* no bytes */
        SKIP_NOT_JPEG,   /* the bytes are no JPEG */
        SKIP_UNFINISHED, /* still being written; looked at again later */
        SKIP_REASONS
};

/* "extension", "hidden", ... : the stable word of JSON output and metrics. */
const char *skip_word(enum skip_reason reason);

/* SKIP_NONE for names worth opening: .jpg, .jpeg, .jpe in any case, the same with a number behind
 * (`.jpg.1`, as STOU makes them), and names without an extension. */
enum skip_reason picture_name_skip(const char *name) __attribute__((pure));
