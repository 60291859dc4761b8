#include "base/json_read.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

bool json_read(const char *bytes, size_t length, json_t **document_out, struct error *err)
{
        json_error_t wrong;
        json_t *document = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &wrong);
        if (document == NULL)
                return error_set(err, ERROR_INPUT, "the JSON cannot be read: line %d: %s",
                                 wrong.line, wrong.text);
        *document_out = document;
        return true;
}

static const char *wanted_words(enum json_wanted wanted)
{
        static const char *const words[] = {
                [JSON_WANT_STRING] = "a string",
                [JSON_WANT_INTEGER] = "a whole number",
                [JSON_WANT_NUMBER] = "a number",
                [JSON_WANT_BOOL] = "true or false",
                [JSON_WANT_TIME] = "a time like \"2014-05-23T14:08:20.529Z\" or milliseconds",
                [JSON_WANT_ARRAY] = "a list",
                [JSON_WANT_OBJECT] = "an object",
        };
        return words[wanted];
}

static bool is_wanted(const json_t *value, enum json_wanted wanted)
{
        switch (wanted) {
        case JSON_WANT_STRING: return json_is_string(value);
        case JSON_WANT_INTEGER: return json_is_integer(value);
        case JSON_WANT_NUMBER: return json_is_number(value);
        case JSON_WANT_BOOL: return json_is_boolean(value);
        case JSON_WANT_TIME: return json_is_string(value) || json_is_integer(value);
        case JSON_WANT_ARRAY: return json_is_array(value);
        case JSON_WANT_OBJECT: return json_is_object(value);
        default: return false;
        }
}

static bool refuse_unknown(const char *name, const struct json_member *members, size_t count,
                           struct error *err)
{
        char known[200] = "";
        size_t used = 0;
        for (size_t i = 0; i < count; i++) {
                int more = snprintf(known + used, sizeof known - used, "%s%s", i > 0 ? ", " : "",
                                    members[i].name);
                if (more > 0 && used + (size_t)more < sizeof known)
                        used += (size_t)more;
        }
        return error_set(err, ERROR_INPUT, "there is no member \"%.60s\" here; known: %s", name,
                         used > 0 ? known : "none");
}

static bool take_member(const char *name, json_t *value, const struct json_member *members,
                        size_t count, json_t **values_out, struct error *err)
{
        for (size_t i = 0; i < count; i++) {
                if (strcmp(members[i].name, name) != 0)
                        continue;
                values_out[i] = value;
                if (is_wanted(value, members[i].wanted) ||
                    (members[i].may_be_null && json_is_null(value)))
                        return true;
                return error_set(err, ERROR_INPUT, "%s: wanted is %s%s", name,
                                 wanted_words(members[i].wanted),
                                 members[i].may_be_null ? " or null" : "");
        }
        return refuse_unknown(name, members, count, err);
}

bool json_members(const json_t *value, const struct json_member *members, size_t count,
                  json_t **values_out, struct error *err)
{
        const char *name;
        json_t *member;
        for (size_t i = 0; i < count; i++)
                values_out[i] = NULL;
        if (!json_is_object(value))
                return error_set(err, ERROR_INPUT, "wanted is an object");
        /* The library's loops change the object's reference for nobody; it says const nowhere. */
        json_t *object = (json_t *)(uintptr_t)value; /* NOLINT(performance-no-int-to-ptr) */
        json_object_foreach(object, name, member)
        {
                if (!take_member(name, member, members, count, values_out, err))
                        return false;
        }
        for (size_t i = 0; i < count; i++) {
                if (members[i].required && values_out[i] == NULL)
                        return error_set(err, ERROR_INPUT, "%s: is required here", members[i].name);
        }
        return true;
}

bool json_read_time(const json_t *value, const char *name, struct utc *time_out, struct error *err)
{
        char digits[24];
        const char *text = json_string_value(value);
        if (text == NULL) {
                snprintf(digits, sizeof digits, "%" PRId64, (int64_t)json_integer_value(value));
                text = digits;
        }
        return utc_parse(text, strlen(text), time_out, err) || error_prefix(err, "%s", name);
}

bool json_read_integer(const json_t *value, const char *name, const int64_t bounds[2],
                       int64_t *number_out, struct error *err)
{
        int64_t number = json_integer_value(value);
        if (number < bounds[0] || number > bounds[1])
                return error_set(err, ERROR_INPUT,
                                 "%s: wanted is a whole number of %" PRId64 " .. %" PRId64, name,
                                 bounds[0], bounds[1]);
        *number_out = number;
        return true;
}

bool json_read_thousandths(const json_t *value, const char *name, const int64_t bounds[2],
                           int64_t *number_out, struct error *err)
{
        double number = json_number_value(value) * 1000;
        if (!(number >= (double)bounds[0] && number <= (double)bounds[1]))
                return error_set(err, ERROR_INPUT,
                                 "%s: wanted is a number of %" PRId64 ".%03d .. %" PRId64, name,
                                 bounds[0] / 1000, (int)(bounds[0] % 1000), bounds[1] / 1000);
        *number_out = llround(number);
        return true;
}
