#include <string.h>

#include "model/camera.h"
#include "parse/path_template.h"
#include "parse/template_take.h"

struct matcher {
        const struct path_template *path_template;
        char path[PATH_BYTES + 1];
        size_t length;
        size_t name;             /* offset of the file's name */
        size_t far_at, far_node; /* how far any try came, and what did not fit there */
        size_t ends[TEXTS_MAX];
        /* A text that ended here led nowhere: a bit for each offset. This bounds the steps. */
        uint8_t failed[TEXTS_MAX][PATH_BYTES / 8 + 1];
};

static bool is_text(const struct node *node)
{
        return node->kind == NODE_TEXT || node->kind == NODE_NAME;
}

static bool tells_time(const struct node *node)
{
        return node->kind >= NODE_YEAR && node->kind <= NODE_EPOCH_MS;
}

/* ---- matching ---- */

static void note_stop(struct matcher *matcher, size_t at, size_t node)
{
        /* By nodes first: a text that takes all there is comes far in the path and explains
         * nothing. */
        if (node < matcher->far_node || (node == matcher->far_node && at < matcher->far_at))
                return;
        matcher->far_at = at;
        matcher->far_node = node;
}

/* Takes nodes up to the next text, or all; *at is moved. False where one does not fit. */
static bool take_until_text(struct matcher *matcher, size_t *node, size_t *at,
                            struct fields *fields)
{
        const struct path_template *path_template = matcher->path_template;
        for (; *node < path_template->count && !is_text(&path_template->nodes[*node]); ++*node) {
                const struct node *this = &path_template->nodes[*node];
                size_t taken =
                        template_take(this, matcher->path + *at, matcher->length - *at, fields);
                if (taken == 0) {
                        note_stop(matcher, *at, *node);
                        return false;
                }
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
        if (node == matcher->path_template->count) {
                if (at < matcher->length)
                        note_stop(matcher, at, node);
                return at == matcher->length;
        }
        size_t text = matcher->path_template->nodes[node].text;
        bool last = node + 1 == matcher->path_template->count;
        const char *slash = memchr(matcher->path + at, '/', matcher->length - at);
        size_t limit = slash == NULL ? matcher->length : (size_t)(slash - matcher->path);
        if (last) {
                matcher->ends[text] = limit;
                bool fits = limit > at && limit == matcher->length;
                if (!fits)
                        note_stop(matcher, limit, limit > at ? node + 1 : node);
                return fits;
        }
        if (at == limit)
                note_stop(matcher, at, node);
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
static void extract(struct matcher *matcher, struct fields *fields, struct templated *out)
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

/* The matcher is large: only what is used is set. */
static bool begin(struct matcher *matcher, const struct path_template *path_template,
                  const struct path_parts *parts)
{
        matcher->path_template = path_template;
        matcher->length = 0;
        matcher->name = 0;
        matcher->far_at = matcher->far_node = 0;
        if (!prepare(matcher, parts))
                return false;
        memset(matcher->ends, 0, sizeof matcher->ends);
        for (size_t i = 0; i < path_template->texts; i++)
                memset(matcher->failed[i], 0, matcher->length / 8 + 1);
        return true;
}

bool path_template_match_parts(const struct path_template *path_template,
                               const struct path_parts *parts, struct templated *out)
{
        struct matcher matcher;
        if (!begin(&matcher, path_template, parts) || !match_from(&matcher, 0, 0))
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

/* ---- explaining ---- */

static const char *const means[] = {
        [NODE_LITERAL] = "literal",
        [NODE_COLON] = "colon",
        [NODE_BLANK] = "blank",
        [NODE_YEAR] = "year",
        [NODE_YEAR_OF_CENTURY] = "year2",
        [NODE_MONTH] = "month",
        [NODE_MONTH_NAME] = "month-name",
        [NODE_MONTH_NAMED] = "month-name",
        [NODE_DAY] = "day",
        [NODE_DAY_PADDED] = "day",
        [NODE_DAY_OF_YEAR] = "day-of-year",
        [NODE_WEEKDAY_NAME] = "weekday",
        [NODE_WEEKDAY_NAMED] = "weekday",
        [NODE_HOUR] = "hour",
        [NODE_HOUR_PADDED] = "hour",
        [NODE_HOUR12] = "hour12",
        [NODE_HOUR12_PADDED] = "hour12",
        [NODE_HALF] = "am-pm",
        [NODE_MINUTE] = "minute",
        [NODE_SECOND] = "second",
        [NODE_EPOCH_SECONDS] = "epoch",
        [NODE_EPOCH_MS] = "epoch-ms",
        [NODE_DIGIT] = "digit",
        [NODE_TWO_DIGITS] = "digits",
        [NODE_MAC] = "mac",
        [NODE_ADDRESS] = "address",
        [NODE_TEXT] = "text",
        [NODE_NAME] = "name",
};

/* Where in the path as it was given a byte of the matcher's own lies. */
static size_t given_offset(const struct matcher *matcher, const struct path_parts *parts,
                           const char *path, size_t at)
{
        size_t begin_at = 0;
        size_t offset = 0;
        for (size_t i = parts->count - matcher->path_template->parts; i < parts->count; i++) {
                const struct path_part *part = &parts->parts[i];
                offset = (size_t)(part->at - path) + part->length;
                if (at < begin_at + part->length)
                        return (size_t)(part->at - path) + (at - begin_at);
                if (at == begin_at + part->length) /* the slash behind it */
                        return offset;
                begin_at += part->length + 1;
        }
        return offset;
}

static void add_piece(struct template_reading *reading, const struct node *node, size_t from,
                      size_t to)
{
        if (node->kind <= NODE_BLANK || reading->count == TEMPLATE_PIECES)
                return;
        reading->pieces[reading->count++] =
                (struct template_piece){from, to - from, means[node->kind]};
}

static void list_pieces(const struct matcher *matcher, const struct path_parts *parts,
                        const char *path, struct template_reading *reading)
{
        size_t at = 0;
        struct fields ignored = {0};
        for (size_t i = 0; i < matcher->path_template->count; i++) {
                const struct node *node = &matcher->path_template->nodes[i];
                size_t to = is_text(node) ? matcher->ends[node->text]
                                          : at + template_take(node, matcher->path + at,
                                                               matcher->length - at, &ignored);
                add_piece(reading, node, given_offset(matcher, parts, path, at),
                          given_offset(matcher, parts, path, to));
                at = to;
        }
}

static void tell_stop(const struct matcher *matcher, const struct path_parts *parts,
                      const char *path, struct template_reading *reading)
{
        const struct path_template *path_template = matcher->path_template;
        reading->stops_at = given_offset(matcher, parts, path, matcher->far_at);
        reading->wanted = "end";
        /* "$SD()" is a template of nothing. */
        if (path_template->count > 0)
                reading->template_at = path_template->nodes[path_template->count - 1].at;
        if (matcher->far_node >= path_template->count)
                return;
        const struct node *node = &path_template->nodes[matcher->far_node];
        reading->wanted = means[node->kind];
        reading->template_at = node->at;
        reading->literal = node->kind == NODE_LITERAL ? node->byte : 0;
}

void path_template_explain(const struct path_template *path_template, const char *path,
                           size_t length, struct template_reading *reading)
{
        struct matcher matcher;
        struct path_parts parts;
        path_split(path, length, &parts);
        reading->fits = false;
        reading->count = 0;
        reading->stops_at = reading->template_at = 0;
        reading->wanted = "folder";
        reading->literal = 0;
        if (!begin(&matcher, path_template, &parts))
                return;
        reading->fits = match_from(&matcher, 0, 0);
        if (reading->fits)
                list_pieces(&matcher, &parts, path, reading);
        else
                tell_stop(&matcher, &parts, path, reading);
}
