#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/utc.h"
#include "model/facts.h"

/*
 * What a file's name and its folders say, by rules that hold for most cameras: the time, the place
 * in a burst around a trigger, whose picture it is. '/' and '\' both part folders. Pure.
 */
enum {
        PATH_BYTES = 1024, /* of a longer path only the end is looked at */
        PATH_PARTS = 24
};

struct path_part {
        const char *at;
        size_t length;
};

/* Folders and name of a path; empty parts and "." are left out, ".." too. */
struct path_parts {
        size_t count;   /* the last is the file's name */
        bool from_root; /* parts[0] is what the path begins with; no leading slash, nothing cut */
        struct path_part parts[PATH_PARTS];
};

void path_split(const char *path, size_t length, struct path_parts *parts_out);

enum named_time_form {
        NAMED_NO_TIME,
        NAMED_MOMENT,    /* utc: milliseconds since 1970, or of a time that names its zone */
        NAMED_CIVIL,     /* civil, in the camera's zone */
        NAMED_YEARLESS,  /* civil but for its year */
        NAMED_ORDERLESS, /* civil, but its date may be meant in other orders: name_order_date */
        NAMED_GUESSED    /* likewise, and it may be no date at all */
};

struct named_time {
        enum named_time_form form;
        struct utc utc;
        struct civil civil;
        enum time_source source; /* TIME_NAME, or TIME_PATH if folders had a part in it */
};

/* Fields that cannot be are passed over, and the next rule is tried. */
void name_time(const struct path_parts *parts, struct named_time *time_out);

/* True when a date with its year stands in the part. */
bool path_part_has_date(const struct path_part *part);

/* `trig-02`, `trig+0`: frames before (-) or after the trigger. Of `_1_pre` and `_5_pos` only that
 * they are before and after it: -1 and 1. */
bool name_trigger(const char *name, size_t length, int *trigger_out);

/* A folder that is a MAC, or whose name holds one. */
bool name_mac(const struct path_parts *parts, uint8_t mac_out[static 6]);

/* Kinds that the name and the folders say in words, never from the place in a burst. */
uint64_t name_kinds(const struct path_parts *parts);

/* What cameras upload when the button "test" is pressed. */
bool name_is_test(const struct path_part *name);

/* The first folder, if it is not the kind of folder that any camera makes; else what a file's name
 * has before channel and time. Of a recorder's channels from the second on with their number. */
bool name_camera(const struct path_parts *parts, char name_out[static FACTS_NAME_SIZE]);

/* Parts of name_time, name_camera and name_trigger. Behind a time, from `at` on, may stand AM or PM
 * and a zone, with which a NAMED_CIVIL becomes a moment. */
void name_read_behind(const char *at, const char *end, struct named_time *time);
bool name_sender(const struct path_part *name, char name_out[static FACTS_NAME_SIZE]);
bool name_trigger_word(const char *name, size_t length, int *trigger_out);

/* Of the dates that the three numbers of one of these forms can mean, the one that is within two
 * days of `received`. Else, of an orderless one, the only one there is, or the order that cameras
 * use most (year, month, day) where the year has two digits. False when it stays open. */
bool name_order_date(struct named_time *time, struct utc received);

/* The year of a date without one: the newest such moment not later than a day after `received`,
 * taken as UTC. False when no year of the last ten fits (29 February). */
bool name_infer_year(struct civil *civil, struct utc received);
