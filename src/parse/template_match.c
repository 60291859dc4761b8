#include <string.h>

#include "model/camera.h"
#include "parse/path_template.h"
#include "parse/template_node.h"

/* What nodes have read; -1 where nothing was. */
struct fields {
        int year, month, day, day_of_year;
        int hour, hour12, half; /* half: 0 AM, 1 PM */
        int minute, second;
        int64_t epoch_ms;
        bool in_folders; /* some of it */
        bool has_mac;
        uint8_t mac[6];
};

struct matcher {
        const struct path_template *path_template;
        char path[PATH_BYTES + 1];
        size_t length;
        size_t name; /* offset of the file's name */
        size_t ends[TEXTS_MAX];
        /* A text that ended here led nowhere: a bit for each offset. This bounds the steps. */
        uint8_t failed[TEXTS_MAX][PATH_BYTES / 8 + 1];
};

/* ---- pieces: each returns how many bytes it takes at `at`, 0 if it does not fit ---- */

static size_t digits(const char *at, size_t left, size_t least, size_t most, int64_t *value_out)
{
        int64_t value = 0;
        size_t count = 0;
        while (count < left && count < most && at[count] >= '0' && at[count] <= '9')
                value = value * 10 + (at[count++] - '0');
        *value_out = value;
        return count >= least ? count : 0;
}

static size_t number(const char *at, size_t left, size_t count, int *field)
{
        int64_t value = 0;
        size_t taken = digits(at, left, count, count, &value);
        if (taken > 0)
                *field = (int)value;
        return taken;
}

/* One or two digits, after a blank if it is one. */
static size_t padded(const char *at, size_t left, int *field)
{
        int64_t value = 0;
        size_t blank = left > 0 && (*at == ' ' || *at == '_' || *at == '+');
        size_t taken = digits(at + blank, left - blank, 1, blank > 0 ? 1 : 2, &value);
        if (taken == 0)
                return 0;
        *field = (int)value;
        return blank + taken;
}

static size_t word(const char *at, size_t left, const char *const *words, size_t count, bool whole,
                   int *index_out)
{
        for (size_t i = 0; i < count; i++) {
                size_t length = whole ? strlen(words[i]) : 3;
                if (length <= left && strncasecmp(at, words[i], length) == 0) {
                        *index_out = (int)i;
                        return length;
                }
        }
        return 0;
}

static size_t month_word(const char *at, size_t left, bool whole, int *month)
{
        static const char *const words[] = {"January",   "February", "March",    "April",
                                            "May",       "June",     "July",     "August",
                                            "September", "October",  "November", "December"};
        int index = 0;
        size_t taken = word(at, left, words, 12, whole, &index);
        if (taken > 0)
                *month = index + 1;
        return taken;
}

static size_t weekday_word(const char *at, size_t left, bool whole)
{
        static const char *const words[] = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                            "Thursday", "Friday", "Saturday"};
        int index = 0;
        return word(at, left, words, 7, whole, &index);
}

static size_t half_word(const char *at, size_t left, int *half)
{
        if (left < 2 || (at[1] | 0x20) != 'm' || ((at[0] | 0x20) != 'a' && (at[0] | 0x20) != 'p'))
                return 0;
        *half = (at[0] | 0x20) == 'p';
        return 2;
}

static size_t mac(const char *at, size_t left, struct fields *fields)
{
        static const size_t lengths[] = {17, 12};
        for (size_t i = 0; i < 2; i++) {
                if (lengths[i] <= left && mac_parse(at, lengths[i], fields->mac)) {
                        fields->has_mac = true;
                        return lengths[i];
                }
        }
        return 0;
}

/* Four numbers joined by . _ or - */
static size_t address(const char *at, size_t left)
{
        size_t taken = 0;
        for (int i = 0; i < 4; i++) {
                int64_t value = 0;
                if (i > 0 &&
                    (taken >= left || strchr("._-", at[taken]) == NULL || at[taken++] == '\0'))
                        return 0;
                size_t count = digits(at + taken, left - taken, 1, 3, &value);
                if (count == 0 || value > 255)
                        return 0;
                taken += count;
        }
        return taken;
}

static size_t epoch(const char *at, size_t left, int64_t scale, size_t least, size_t most,
                    int64_t *epoch_ms)
{
        int64_t value = 0;
        size_t taken = digits(at, left, least, most, &value);
        if (taken > 0)
                *epoch_ms = value * scale;
        return taken;
}

static size_t one_of(const char *at, size_t left, const char *set)
{
        return left > 0 && *at != '\0' && strchr(set, *at) != NULL;
}

/* Nodes of a time. */
static size_t take_time(const struct node *node, const char *at, size_t left, struct fields *fields)
{
        int ignored = 0;
        switch (node->kind) {
        case NODE_YEAR: return number(at, left, 4, &fields->year);
        case NODE_YEAR_OF_CENTURY: {
                size_t taken = number(at, left, 2, &fields->year);
                fields->year += taken == 0 ? 0 : fields->year < 69 ? 2000 : 1900;
                return taken;
        }
        case NODE_MONTH: return number(at, left, 2, &fields->month);
        case NODE_MONTH_NAME: return month_word(at, left, false, &fields->month);
        case NODE_MONTH_NAMED: return month_word(at, left, true, &fields->month);
        case NODE_DAY: return number(at, left, 2, &fields->day);
        case NODE_DAY_PADDED: return padded(at, left, &fields->day);
        case NODE_DAY_OF_YEAR: return number(at, left, 3, &fields->day_of_year);
        case NODE_HOUR: return number(at, left, 2, &fields->hour);
        case NODE_HOUR_PADDED: return padded(at, left, &fields->hour);
        case NODE_HOUR12: return number(at, left, 2, &fields->hour12);
        case NODE_HOUR12_PADDED: return padded(at, left, &fields->hour12);
        case NODE_HALF: return half_word(at, left, &fields->half);
        case NODE_MINUTE: return number(at, left, 2, &fields->minute);
        case NODE_SECOND: return number(at, left, 2, &fields->second);
        case NODE_EPOCH_SECONDS: return epoch(at, left, 1000, 9, 11, &fields->epoch_ms);
        case NODE_EPOCH_MS: return epoch(at, left, 1, 1, 15, &fields->epoch_ms);
        case NODE_TWO_DIGITS: return number(at, left, 2, &ignored);
        default: return 0;
        }
}

static size_t take(const struct node *node, const char *at, size_t left, struct fields *fields)
{
        int ignored = 0;
        switch (node->kind) {
        case NODE_LITERAL:
                /* NOLINTNEXTLINE(clang-analyzer-core.*): `prepare` wrote all of the path */
                return left > 0 && *at == node->byte;
        case NODE_COLON: return one_of(at, left, ":_.-");
        case NODE_BLANK: return one_of(at, left, " _+-");
        case NODE_WEEKDAY_NAME: return weekday_word(at, left, false);
        case NODE_WEEKDAY_NAMED: return weekday_word(at, left, true);
        case NODE_DIGIT: return number(at, left, 1, &ignored);
        case NODE_MAC: return mac(at, left, fields);
        case NODE_ADDRESS: return address(at, left);
        default: return take_time(node, at, left, fields);
        }
}

static bool is_text(const struct node *node)
{
        return node->kind == NODE_TEXT || node->kind == NODE_NAME;
}

static bool tells_time(const struct node *node)
{
        return node->kind >= NODE_YEAR && node->kind <= NODE_EPOCH_MS;
}

/* ---- matching ---- */

/* Takes nodes up to the next text, or all; *at is moved. False where one does not fit. */
static bool take_until_text(const struct matcher *matcher, size_t *node, size_t *at,
                            struct fields *fields)
{
        const struct path_template *path_template = matcher->path_template;
        for (; *node < path_template->count && !is_text(&path_template->nodes[*node]); ++*node) {
                const struct node *this = &path_template->nodes[*node];
                size_t taken = take(this, matcher->path + *at, matcher->length - *at, fields);
                if (taken == 0)
                        return false;
                if (tells_time(this) && *at < matcher->name)
                        fields->in_folders = true;
                *at += taken;
        }
        return true;
}

/* Matches from a node on. Recurses once for each text of the template, of which there are few; a
 * text's end that was tried is not tried again. */
static bool match_from(struct matcher *matcher, size_t node, size_t at)
{
        struct fields ignored = {0};
        if (!take_until_text(matcher, &node, &at, &ignored))
                return false;
        if (node == matcher->path_template->count)
                return at == matcher->length;
        size_t text = matcher->path_template->nodes[node].text;
        bool last = node + 1 == matcher->path_template->count;
        const char *slash = memchr(matcher->path + at, '/', matcher->length - at);
        size_t limit = slash == NULL ? matcher->length : (size_t)(slash - matcher->path);
        if (last) {
                matcher->ends[text] = limit;
                return limit > at && limit == matcher->length;
        }
        for (size_t end = at + 1; end <= limit; end++) {
                uint8_t *failed = &matcher->failed[text][end / 8];
                if ((*failed >> (end % 8) & 1) != 0)
                        continue;
                if (match_from(matcher, node + 1, end)) {
                        matcher->ends[text] = end;
                        return true;
                }
                *failed |= (uint8_t)(1U << (end % 8));
        }
        return false;
}

/* Puts the end of the path, as many parts as the template has, with single slashes into the
 * matcher; false if there are too few. What path_split gives fits. */
static bool prepare(struct matcher *matcher, const struct path_parts *parts)
{
        size_t wanted = matcher->path_template->parts;
        if (parts->count < wanted)
                return false;
        for (size_t i = parts->count - wanted; i < parts->count; i++) {
                const struct path_part *part = &parts->parts[i];
                if (matcher->length + 1 + part->length > sizeof matcher->path)
                        return false;
                if (matcher->length > 0)
                        matcher->path[matcher->length++] = '/';
                matcher->name = matcher->length;
                memcpy(matcher->path + matcher->length, part->at, part->length);
                matcher->length += part->length;
        }
        return true;
}

/* Reads the fields once the ends of the texts are known. */
static void extract(const struct matcher *matcher, struct fields *fields, struct templated *out)
{
        size_t at = 0;
        size_t node = 0;
        const struct path_template *path_template = matcher->path_template;
        while (take_until_text(matcher, &node, &at, fields) && node < path_template->count) {
                const struct node *text = &path_template->nodes[node++];
                size_t end = matcher->ends[text->text];
                if (text->kind == NODE_NAME && end - at < sizeof out->camera_name) {
                        memcpy(out->camera_name, matcher->path + at, end - at);
                        out->camera_name[end - at] = '\0';
                        if (!camera_name_valid(out->camera_name))
                                memset(out->camera_name, 0, sizeof out->camera_name);
                }
                at = end;
        }
}

static int hour_of(const struct fields *fields)
{
        if (fields->hour >= 0 || fields->hour12 < 0)
                return fields->hour;
        if (fields->hour12 < 1 || fields->hour12 > 12)
                return -1;
        return fields->half < 0 ? fields->hour12 : fields->hour12 % 12 + 12 * fields->half;
}

static void join_time(const struct fields *fields, struct named_time *time)
{
        *time = (struct named_time){.form = NAMED_NO_TIME, .utc = UTC_NONE};
        time->source = fields->in_folders ? TIME_PATH : TIME_NAME;
        if (fields->epoch_ms >= 0) {
                time->form = NAMED_MOMENT;
                time->utc = (struct utc){fields->epoch_ms};
                return;
        }
        struct civil civil = {
                .year = fields->year >= 0 ? fields->year : 2000, /* which has a 29 February */
                .month = fields->month,
                .day = fields->day,
                .hour = hour_of(fields),
                .minute = fields->minute,
                .second = fields->second >= 0 ? fields->second : 0,
        };
        bool by_day = fields->day_of_year > 0 && fields->year >= 0 &&
                      (fields->month < 0 || fields->day < 0);
        if (by_day) {
                civil.month = 1;
                civil.day = 1;
        }
        if (!civil_valid(&civil))
                return;
        if (by_day) {
                struct utc moved = civil_as_utc(&civil);
                moved.ms += (int64_t)(fields->day_of_year - 1) * 86400000;
                civil = utc_civil(moved);
                if (civil.year != fields->year)
                        return;
        }
        time->form = fields->year >= 0 ? NAMED_CIVIL : NAMED_YEARLESS;
        time->civil = civil;
}

bool path_template_match_parts(const struct path_template *path_template,
                               const struct path_parts *parts, struct templated *out)
{
        struct matcher matcher; /* large: only what is used is set */
        matcher.path_template = path_template;
        matcher.length = 0;
        matcher.name = 0;
        if (!prepare(&matcher, parts))
                return false;
        memset(matcher.ends, 0, sizeof matcher.ends);
        for (size_t i = 0; i < path_template->texts; i++)
                memset(matcher.failed[i], 0, matcher.length / 8 + 1);
        if (!match_from(&matcher, 0, 0))
                return false;
        struct fields fields = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, false, false, {0}};
        *out = (struct templated){0};
        extract(&matcher, &fields, out);
        out->has_mac = fields.has_mac;
        memcpy(out->mac, fields.mac, sizeof out->mac);
        join_time(&fields, &out->time);
        return true;
}

bool path_template_match(const struct path_template *path_template, const char *path, size_t length,
                         struct templated *out)
{
        struct path_parts parts;
        path_split(path, length, &parts);
        return path_template_match_parts(path_template, &parts, out);
}
