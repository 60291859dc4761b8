#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/utc.h"

/*
 * What a picture, its name and its path say of it: the output of parse/, input of everything else.
 * A plain value without pointers; copying it is free of ownership.
 */

/* Which source of the capture time was believed, most believed first. */
enum time_source {
        TIME_VENDOR,   /* the camera maker's own comment in the picture */
        TIME_EXIF,     /* EXIF DateTimeOriginal or its kin */
        TIME_NAME,     /* the file's name */
        TIME_PATH,     /* the folders, with or without the name */
        TIME_RECEIVED, /* none of these: when it was received or last modified */
        TIME_SOURCES
};

/* "vendor", "exif", "name", "path", "received". */
const char *time_source_word(enum time_source source);

/* Things worth telling the owner about a picture; a bit each in facts.notes. */
enum note {
        NOTE_EMPTY,           /* no bytes at all */
        NOTE_NOT_JPEG,        /* does not begin with SOI */
        NOTE_TRUNCATED,       /* ends before EOI */
        NOTE_RESYNCED,        /* a marker was not where a length said; found by searching */
        NOTE_WRONG_LENGTH,    /* a segment's length is impossible or wrong */
        NOTE_AFTER_EOI,       /* bytes follow the end of the picture; facts.bytes_after_eoi */
        NOTE_NO_FRAME_HEADER, /* no SOF: width and height are unknown */
        NOTE_BAD_COMMENT,     /* a vendor's comment that could not be understood */
        NOTE_BAD_EXIF,        /* EXIF that could not be read */
        NOTE_IMPOSSIBLE_TIME, /* a time before 2000 or more than a day ahead was refused */
        NOTE_AMBIGUOUS_TIME,  /* local time of the hour that happens twice; the first was taken,
                                 unless the receive time says the second */
        NOTE_SKIPPED_TIME,    /* local time of the hour that does not exist; moved forward */
        NOTE_TEMPLATE_MISS,   /* the path does not fit the template */
        NOTE_PROPRIETARY,     /* JPEG-like data in a form we do not decode */
        NOTES
};

#define NOTE_BIT(note) (UINT32_C(1) << (note))

/* "empty", "not-jpeg", ... : the stable word of the JSON output; and a sentence for people. */
const char *note_word(enum note note);
const char *note_sentence(enum note note);

enum { FACTS_NAME_SIZE = 64, FACTS_WORDS_SIZE = 64 };

struct facts {
        bool is_jpeg;
        bool complete_known; /* the end was looked at */
        bool complete;       /* SOI at the start and EOI at the end of the picture */

        bool has_mac;
        uint8_t mac[6];
        int model_code;                    /* vendor's product code, -1 if none */
        char model[32];                    /* "IQeye3xx"; empty if none */
        char camera_name[FACTS_NAME_SIZE]; /* from $SN, the path or the name; empty if none; UTF-8
                                            */

        struct utc time; /* capture time; UTC_NONE only while none was found */
        enum time_source time_source;

        int64_t sequence;             /* -1 if none */
        uint64_t kinds;               /* bits of standard kinds */
        char words[FACTS_WORDS_SIZE]; /* other kinds as written, separated by '\n' */
        uint64_t windows;             /* bit n-1: motion window n fired */
        bool has_trigger;
        int trigger; /* -n before, 0 at, +n after the trigger */

        int width, height; /* 0 if unknown */
        int64_t bytes;     /* size of the file, -1 if unknown */
        int64_t bytes_after_eoi;
        uint32_t notes;
};

/* Everything unknown. */
void facts_init(struct facts *facts);
