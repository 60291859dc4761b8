#include "export/order.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/json_read.h"

bool order_check(const struct export_order *order, struct error *err)
{
        const char *why = export_formats[order->format].no_burn_in;
        if (order->burn_in && why != NULL)
                return error_set(err, ERROR_INPUT, "burn_in: %s", why);
        return true;
}

void order_write(const struct export_order *order, struct text *out)
{
        struct json json;
        json_init(&json, out);
        json_open_object(&json);
        json_add_string(&json, "format", export_formats[order->format].word);
        json_add_bool(&json, "burn_in", order->burn_in);
        json_name(&json, "stretches");
        json_open_array(&json);
        for (size_t i = 0; i < order->count; i++) {
                json_open_object(&json);
                json_add_int(&json, "camera", order->stretches[i].camera.value);
                json_add_int(&json, "from", order->stretches[i].from.ms);
                json_add_int(&json, "to", order->stretches[i].to.ms);
                json_close_object(&json);
        }
        json_close_array(&json);
        json_close_object(&json);
}

static bool read_stretch(const json_t *value, struct stretch *stretch_out, struct error *err)
{
        static const struct json_member members[] = {
                {"camera", JSON_WANT_INTEGER, true, false},
                {"from", JSON_WANT_INTEGER, true, false},
                {"to", JSON_WANT_INTEGER, true, false},
        };
        json_t *values[3];
        if (!json_members(value, members, 3, values, err))
                return false;
        stretch_out->camera.value = (int32_t)json_integer_value(values[0]);
        stretch_out->from.ms = json_integer_value(values[1]);
        stretch_out->to.ms = json_integer_value(values[2]);
        return true;
}

static bool read_order(const json_t *document, struct export_order *order, struct error *err)
{
        static const struct json_member members[] = {
                {"format", JSON_WANT_STRING, true, false},
                {"burn_in", JSON_WANT_BOOL, true, false},
                {"stretches", JSON_WANT_ARRAY, true, false},
        };
        json_t *values[3];
        if (!json_members(document, members, 3, values, err) ||
            !export_format_parse(json_string_value(values[0]), &order->format, err))
                return false;
        size_t count = json_array_size(values[2]);
        order->burn_in = json_is_true(values[1]);
        order->stretches = calloc(count + 1, sizeof *order->stretches);
        if (order->stretches == NULL)
                return error_set(err, ERROR_FULL, "no memory for an export");
        for (; order->count < count; order->count++) {
                if (!read_stretch(json_array_get(values[2], order->count),
                                  &order->stretches[order->count], err))
                        return false;
        }
        return true;
}

bool order_read(const char *text, size_t length, struct export_order *order_out, struct error *err)
{
        json_t *document = NULL;
        struct export_order order = {0};
        bool fine = json_read(text, length, &document, err) && read_order(document, &order, err);
        json_decref(document);
        if (fine) {
                *order_out = order;
                return true;
        }
        order_free(&order);
        if (err->kind == ERROR_INPUT)
                err->kind = ERROR_CORRUPT;
        return error_prefix(err, "the order of an export");
}

void order_free(struct export_order *order)
{
        free(order->stretches);
        *order = (struct export_order){0};
}
