#include "parse/name.h"

#include <string.h>

#include "base/text.h"
#include "base/utf8.h"
#include "model/camera.h"

/* ---- parts ---- */

static bool is_slash(char c)
{
        return c == '/' || c == '\\';
}

static bool is_dots(const char *at, size_t length)
{
        return (length == 1 && at[0] == '.') || (length == 2 && at[0] == '.' && at[1] == '.');
}

void path_split(const char *path, size_t length, struct path_parts *parts_out)
{
        size_t cut = length > PATH_BYTES ? length - PATH_BYTES : 0;
        struct path_part backwards[PATH_PARTS];
        size_t count = 0;
        size_t end = length;
        while (end > cut && count < PATH_PARTS) {
                size_t start = end;
                while (start > cut && !is_slash(path[start - 1]))
                        start--;
                if (end > start && !is_dots(path + start, end - start))
                        backwards[count++] = (struct path_part){path + start, end - start};
                end = start > cut ? start - 1 : start;
        }
        for (size_t i = 0; i < count; i++)
                parts_out->parts[i] = backwards[count - 1 - i];
        parts_out->count = count;
        parts_out->from_root = end == 0 && cut == 0 && length > 0 && !is_slash(path[0]);
}

/* ---- the trigger ---- */

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

bool name_trigger(const char *name, size_t length, int *trigger_out)
{
        static const char word[] = "trig";
        const char *end = name + length;
        const char *at = name;
        while ((at = memmem(at, (size_t)(end - at), word, sizeof word - 1)) != NULL) {
                at += sizeof word - 1;
                if (end - at < 2 || (*at != '+' && *at != '-'))
                        continue;
                bool before = *at == '-';
                int value = 0;
                size_t digits = 0;
                for (at++; at < end && is_digit(*at) && digits < 4; digits++)
                        value = value * 10 + (*at++ - '0');
                if (digits == 0 || digits > 3)
                        continue;
                *trigger_out = before ? -value : value;
                return true;
        }
        return name_trigger_word(name, length, trigger_out);
}

/* ---- whose picture ---- */

static bool all_digits(const struct path_part *part)
{
        for (size_t i = 0; i < part->length; i++) {
                if (!is_digit(part->at[i]))
                        return false;
        }
        return true;
}

/* A device's own address: not to a group, not nothing. */
static bool mac_plausible(const uint8_t mac[static 6])
{
        static const uint8_t none[6];
        return (mac[0] & 1) == 0 && memcmp(mac, none, sizeof none) != 0;
}

static bool is_alnum(char c)
{
        return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Twelve hexadecimal digits in a row, a letter among them, that stand alone. */
static bool mac_inside(const struct path_part *part, uint8_t mac_out[static 6])
{
        enum { DIGITS = 12 };
        size_t start = 0;
        while (start < part->length) {
                size_t end = start;
                while (end < part->length && is_alnum(part->at[end]))
                        end++;
                struct path_part word = {part->at + start, end - start};
                uint8_t mac[6];
                if (word.length == DIGITS && !all_digits(&word) &&
                    mac_parse(word.at, word.length, mac) && mac_plausible(mac)) {
                        memcpy(mac_out, mac, sizeof mac);
                        return true;
                }
                start = end + 1;
        }
        return false;
}

/* Foscam's older ones: `00626E4A1234(Hof)_0_20120101120000_1.jpg`. */
static bool mac_before_bracket(const struct path_part *name, uint8_t mac_out[static 6])
{
        enum { DIGITS = 12 };
        uint8_t mac[6];
        if (name->length <= DIGITS || name->at[DIGITS] != '(' ||
            !mac_parse(name->at, DIGITS, mac) || !mac_plausible(mac))
                return false;
        memcpy(mac_out, mac, sizeof mac);
        return true;
}

bool name_mac(const struct path_parts *parts, uint8_t mac_out[static 6])
{
        for (size_t i = 0; i + 1 < parts->count; i++) {
                const struct path_part *part = &parts->parts[i];
                uint8_t mac[6];
                if (!all_digits(part) && mac_parse(part->at, part->length, mac) &&
                    mac_plausible(mac)) {
                        memcpy(mac_out, mac, sizeof mac);
                        return true;
                }
                if (mac_inside(part, mac_out))
                        return true;
        }
        return parts->count > 0 && mac_before_bracket(&parts->parts[parts->count - 1], mac_out);
}

/* Folders that cameras and FTP servers make, whoever's they are; compared without case. */
static bool is_common_folder(const struct path_part *part)
{
        static const char *const words[] = {
                "jpg",     "jpeg",  "images",   "image",  "img",     "pic",    "pics",
                "picture", "snap",  "pictures", "photo",  "photos",  "record", "snapshot",
                "sd",      "ftp",   "upload",   "alarm",  "uploads", "motion", "recordings",
                "mdalarm", "timer", "sensor1",  "actdet", "vfd",     "dcim",   "snapshots",
        };
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
                if (strlen(words[i]) == part->length &&
                    strncasecmp(words[i], part->at, part->length) == 0)
                        return true;
        }
        return false;
}

/* Nothing but digits and what joins them: a date, an hour, a number, a MAC of decimals. */
static bool is_number_like(const struct path_part *part)
{
        for (size_t i = 0; i < part->length; i++) {
                if (!is_digit(part->at[i]) && strchr("-_.:@ ", part->at[i]) == NULL)
                        return false;
        }
        return true;
}

/* Reolink makes such a folder when it tests an upload. */
static bool is_test_folder(const struct path_part *part)
{
        static const char word[] = "camera_test";
        size_t length = sizeof word - 1;
        struct path_part rest = {part->at + length, part->length - length};
        return part->length > length && memcmp(part->at, word, length) == 0 && all_digits(&rest);
}

/* A recorder's channels, in Dahua's folders NAME/DATE/NNN/jpg: `_NNN` from the second on. */
static void add_channel(const struct path_parts *parts, char name[static FACTS_NAME_SIZE])
{
        enum { DIGITS = 3 };
        const struct path_part *channel = &parts->parts[2];
        size_t length = strlen(name);
        if (parts->count < 5 || channel->length != DIGITS || !all_digits(channel) ||
            !path_part_has_date(&parts->parts[1]) || parts->parts[3].length != DIGITS ||
            strncasecmp(parts->parts[3].at, "jpg", DIGITS) != 0 ||
            memcmp(channel->at, "001", DIGITS) <= 0 || length + DIGITS + 2 > FACTS_NAME_SIZE)
                return;
        name[length] = '_';
        memcpy(name + length + 1, channel->at, DIGITS);
        name[length + 1 + DIGITS] = '\0';
}

/* A name in bytes as one that a camera may have: what is not UTF-8 (GBK, Shift-JIS) as %XX, so that
 * two cameras do not become one for want of a name. */
static bool take_name(const char *at, size_t length, char name_out[static FACTS_NAME_SIZE])
{
        struct text text;
        text_init(&text, name_out, FACTS_NAME_SIZE);
        for (size_t i = 0; i < length;) {
                size_t valid = utf8_length(at + i, length - i);
                if (valid > 0)
                        text_add(&text, at + i, valid);
                else
                        text_add_format(&text, "%%%02X", (unsigned char)at[i]);
                i += valid > 0 ? valid : 1;
        }
        return text_ok(&text) && memchr(at, '\0', length) == NULL && camera_name_valid(name_out);
}

/* The first folder. */
static bool folder_camera(const struct path_parts *parts, char name_out[static FACTS_NAME_SIZE])
{
        if (!parts->from_root || parts->count < 2)
                return false;
        const struct path_part *part = &parts->parts[0];
        char name[FACTS_NAME_SIZE];
        if (is_number_like(part) || is_common_folder(part) || is_test_folder(part) ||
            !take_name(part->at, part->length, name))
                return false;
        struct path_parts alone = {.count = 1, .parts = {*part}};
        struct named_time time;
        uint8_t mac[6];
        name_time(&alone, &time);
        if (time.form != NAMED_NO_TIME || mac_parse(part->at, part->length, mac) ||
            path_part_has_date(part))
                return false;
        memcpy(name_out, name, sizeof name);
        add_channel(parts, name_out);
        return true;
}

bool name_camera(const struct path_parts *parts, char name_out[static FACTS_NAME_SIZE])
{
        char name[FACTS_NAME_SIZE] = "";
        if (folder_camera(parts, name_out))
                return true;
        if (parts->count == 0 || !name_sender(&parts->parts[parts->count - 1], name))
                return false;
        struct path_part part = {name, strlen(name)};
        char taken[FACTS_NAME_SIZE];
        if (is_common_folder(&part) || name_is_test(&part) ||
            !take_name(part.at, part.length, taken))
                return false;
        memcpy(name_out, taken, sizeof taken);
        return true;
}
