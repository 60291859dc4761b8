#include <string.h>

#include "model/camera.h"
#include "model/kind.h"
#include "parse/digits.h"
#include "parse/name.h"

/*
 * What makers put into the names of files and folders besides the time: why a picture was taken,
 * and by which of several cameras.
 */

/* ---- why ---- */

enum where {
        BEGINNING, /* of the file's name, a digit behind it */
        ENDING,    /* of the file's name, before the extension */
        ANYWHERE,  /* in it */
        FOLDER     /* the name of a folder */
};

static const struct {
        const char *word;
        enum where where;
        enum kind kind;
} kinds[] = {
        /* Hikvision */
        {"_MOTION_DETECTION", ENDING, KIND_MOTION},
        {"_LINE_CROSSING_DETECTION", ENDING, KIND_LINE},
        {"_FIELD_DETECTION", ENDING, KIND_SMART},
        {"_FACE_DETECTION", ENDING, KIND_FACE},
        {"_VEHICLE_DETECTION", ENDING, KIND_VEHICLE},
        {"_TIMING", ENDING, KIND_TIMER},
        /* Dahua and those who sell its cameras */
        {"[M]", ANYWHERE, KIND_MOTION},
        {"[R]", ANYWHERE, KIND_TIMER},
        {"[A]", ANYWHERE, KIND_ALARM},
        {"[I]", ANYWHERE, KIND_SMART},
        /* Foscam */
        {"MDAlarm_", BEGINNING, KIND_MOTION},
        {"HMDAlarm_", BEGINNING, KIND_HUMAN},
        {"Schedule_", BEGINNING, KIND_TIMER},
        /* Sony */
        {"Sensor1", FOLDER, KIND_INPUT},
        {"Sensor2", FOLDER, KIND_INPUT},
        {"ActDet", FOLDER, KIND_MOTION},
        {"Timer", FOLDER, KIND_TIMER},
};

static bool file_has(const struct path_part *name, const char *word, enum where where)
{
        size_t length = strlen(word);
        const char *dot = memrchr(name->at, '.', name->length);
        size_t stem = dot != NULL ? (size_t)(dot - name->at) : name->length;
        if (name->length < length)
                return false;
        switch (where) {
        case BEGINNING:
                return name->length > length && memcmp(name->at, word, length) == 0 &&
                       is_digit(name->at[length]);
        case ENDING: return stem >= length && memcmp(name->at + stem - length, word, length) == 0;
        case ANYWHERE: return memmem(name->at, name->length, word, length) != NULL;
        case FOLDER: break;
        }
        return false;
}

static bool folder_is(const struct path_parts *parts, const char *word)
{
        for (size_t i = 0; i + 1 < parts->count; i++) {
                if (parts->parts[i].length == strlen(word) &&
                    memcmp(parts->parts[i].at, word, parts->parts[i].length) == 0)
                        return true;
        }
        return false;
}

/* Hi3510 and its kin: a letter and fourteen digits, in a folder "images". */
static uint64_t kind_of_letter(const struct path_parts *parts)
{
        enum { STAMP = 14 };
        const struct path_part *name = &parts->parts[parts->count - 1];
        if (name->length <= STAMP || !folder_is(parts, "images") ||
            run_length(name->at + 1, name->at + name->length) != STAMP)
                return 0;
        return name->at[0] == 'A'   ? KIND_BIT(KIND_ALARM)
               : name->at[0] == 'P' ? KIND_BIT(KIND_TIMER)
                                    : 0;
}

/* test.jpg, test-101112.jpg, ftptest.jpg, testfile_1.jpg */
bool name_is_test(const struct path_part *name)
{
        static const char *const words[] = {"test", "ftptest", "ftp_test", "ftp-test", "testfile"};
        const char *dot = memchr(name->at, '.', name->length);
        size_t stem = dot != NULL ? (size_t)(dot - name->at) : name->length;
        while (stem > 0 && (is_digit(name->at[stem - 1]) || name->at[stem - 1] == '-' ||
                            name->at[stem - 1] == '_'))
                stem--;
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
                if (strlen(words[i]) == stem && strncasecmp(words[i], name->at, stem) == 0)
                        return true;
        }
        return false;
}

uint64_t name_kinds(const struct path_parts *parts)
{
        if (parts->count == 0)
                return 0;
        const struct path_part *name = &parts->parts[parts->count - 1];
        uint64_t found = kind_of_letter(parts);
        for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
                if (kinds[i].where == FOLDER ? folder_is(parts, kinds[i].word)
                                             : file_has(name, kinds[i].word, kinds[i].where))
                        found |= KIND_BIT(kinds[i].kind);
        }
        if (name_is_test(name))
                found |= KIND_BIT(KIND_TEST);
        return found;
}

/* ---- by whom ---- */

/* `_20221115233531`, of a date and a time, up to the end or what is no digit. */
static bool is_stamp(const char *at, const char *end)
{
        if (at == end || *at != '_')
                return false;
        struct named_time time;
        size_t digits = run_length(at + 1, end);
        struct path_parts alone = {.count = 1, .parts = {{at + 1, digits}}};
        if (digits != 14 && digits != 17)
                return false;
        name_time(&alone, &time);
        return time.form == NAMED_CIVIL;
}

/* Where a time stands behind `at`; with `hub` a further word may come before it. */
static bool stamp_follows(const char *at, const char *end, bool hub)
{
        while (hub && at != NULL && !is_stamp(at, end))
                at = at + 1 < end ? memchr(at + 1, '_', (size_t)(end - at - 1)) : NULL;
        return at != NULL && is_stamp(at, end);
}

/* `NAME_NN_STAMP`, or with `hub` `NAME_NN_HUB_STAMP`. */
static bool sender(const struct path_part *name, bool hub, char name_out[static FACTS_NAME_SIZE])
{
        enum { CHANNEL = 3 }; /* _NN */
        const char *end = name->at + name->length;
        for (const char *at = name->at + 1; end - at > CHANNEL; at++) {
                if (*at != '_' || run_length(at + 1, end) != CHANNEL - 1 ||
                    !stamp_follows(at + CHANNEL, end, hub))
                        continue;
                bool first = at[1] == '0' && at[2] <= '1';
                size_t length = (size_t)(at - name->at) + (hub || first ? 0 : CHANNEL);
                if (length >= FACTS_NAME_SIZE)
                        return false;
                memcpy(name_out, name->at, length);
                name_out[length] = '\0';
                return true;
        }
        return false;
}

/* Hikvision and Reolink; a recorder's channels have their number from the second on, the cameras of
 * a hub names of their own. */
bool name_sender(const struct path_part *name, char name_out[static FACTS_NAME_SIZE])
{
        return name->length > 0 && (sender(name, false, name_out) || sender(name, true, name_out));
}

/* ---- before and after the trigger ---- */

/* Vivotek: `_1_pre`, `_4_trg`, `_5_pos` before the extension. The numbers count all of a burst, so
 * how far before or after it was is not said. */
bool name_trigger_word(const char *name, size_t length, int *trigger_out)
{
        static const struct {
                const char *word;
                int trigger;
        } words[] = {{"_pre", -1}, {"_trg", 0}, {"_pos", 1}};
        enum { WORD = 4 };
        const char *dot = memrchr(name, '.', length);
        size_t stem = dot != NULL ? (size_t)(dot - name) : length;
        if (stem < WORD + 2 || !is_digit(name[stem - WORD - 1]))
                return false;
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
                if (memcmp(name + stem - WORD, words[i].word, WORD) == 0) {
                        *trigger_out = words[i].trigger;
                        return true;
                }
        }
        return false;
}
