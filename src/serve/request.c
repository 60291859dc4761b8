#include "serve/request.h"

#include <inttypes.h>
#include <string.h>

#include "serve/server.h"

const char *request_parameter(const struct request *request, const char *name)
{
        for (size_t i = 0; i < request->parameter_count; i++) {
                if (strcmp(request->parameters[i].name, name) == 0)
                        return request->parameters[i].value;
        }
        return NULL;
}

const char *request_header(const struct request *request, const char *name)
{
        return MHD_lookup_connection_value(request->connection, MHD_HEADER_KIND, name);
}

const char *request_host(const struct request *request)
{
        return request->authority != NULL ? request->authority : request_header(request, "Host");
}

bool request_reader(struct request *request, struct catalog **reader_out, struct error *err)
{
        if (request->reader == NULL &&
            !reader_take(request->server->readers, &request->reader, err))
                return false;
        *reader_out = request->reader;
        return true;
}

void request_reader_give(struct request *request)
{
        reader_give(request->server->readers, &request->reader);
}

bool request_camera(struct request *request, struct camera *camera_out, struct error *err)
{
        struct catalog *catalog;
        const char *name = request_parameter(request, "camera");
        return request_reader(request, &catalog, err) &&
               catalog_camera_by_name(catalog, name != NULL ? name : "", camera_out, err);
}

/* In a query '+' means a blank, so an offset east of Greenwich that was not percent-encoded comes
 * as "2014-05-23T16:08:20 02:00": nothing else has a blank there, behind a 'T'. */
static void restore_offset_sign(char *text, size_t length)
{
        if (length > 17 && text[10] == 'T' && text[length - 6] == ' ')
                text[length - 6] = '+';
}

bool request_time(const struct request *request, const char *name, struct utc *time_out,
                  struct error *err)
{
        const char *value = request_parameter(request, name);
        *time_out = UTC_NONE;
        if (value == NULL || value[0] == '\0')
                return true;
        char text[64];
        size_t length = strlen(value);
        if (length < sizeof text) {
                memcpy(text, value, length + 1);
                restore_offset_sign(text, length);
                value = text;
        }
        if (!utc_parse(value, length, time_out, err))
                return error_prefix(err, "%s", name);
        return true;
}

/* Digits with up to `decimals` of them after a point, as an integer of that many decimals. */
static bool parse_decimal(const char *text, int decimals, int64_t *value_out)
{
        const int64_t most = INT64_MAX / 100;
        int64_t value = 0;
        int after = -1;
        if (*text == '\0' || *text == '.')
                return false;
        for (; *text != '\0'; text++) {
                if (*text == '.' && after < 0 && decimals > 0) {
                        after = 0;
                        continue;
                }
                if (*text < '0' || *text > '9' || value > most || after == decimals)
                        return false;
                value = value * 10 + (*text - '0');
                after += after >= 0;
        }
        for (int i = after < 0 ? 0 : after; i < decimals; i++)
                value = value > most ? value : value * 10;
        *value_out = value;
        return true;
}

bool request_number(const struct request *request, const char *name, const int64_t bounds[2],
                    int64_t otherwise, int64_t *number_out, struct error *err)
{
        const char *value = request_parameter(request, name);
        *number_out = otherwise;
        if (value == NULL || value[0] == '\0')
                return true;
        if (!parse_decimal(value, 0, number_out) || *number_out < bounds[0] ||
            *number_out > bounds[1])
                return error_set(err, ERROR_INPUT,
                                 "%s: \"%.40s\" is not a whole number of %" PRId64 " .. %" PRId64,
                                 name, value, bounds[0], bounds[1]);
        return true;
}

bool request_decimal(const struct request *request, const char *name, const int64_t bounds[2],
                     int64_t otherwise, int64_t *thousandths_out, struct error *err)
{
        const char *value = request_parameter(request, name);
        *thousandths_out = otherwise;
        if (value == NULL || value[0] == '\0')
                return true;
        if (!parse_decimal(value, 3, thousandths_out) || *thousandths_out < bounds[0] ||
            *thousandths_out > bounds[1])
                return error_set(err, ERROR_INPUT,
                                 "%s: \"%.40s\" is not a number of %" PRId64 ".%03d .. %" PRId64
                                 " with at most three decimals",
                                 name, value, bounds[0] / 1000, (int)(bounds[0] % 1000),
                                 bounds[1] / 1000);
        return true;
}
