#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/json_read.h"
#include "export/order.h"
#include "serve/stretches.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

enum { STRING, INTEGER, NUMBER, BOOL, TIME, STRETCHES, OBJECT, MEMBERS };

/* One member of each sort, as the calls' tables have them. */
static void read_members(const json_t *document)
{
        static const struct json_member members[MEMBERS] = {
                [STRING] = {"format", JSON_WANT_STRING, false, true},
                [INTEGER] = {"window", JSON_WANT_INTEGER, false, false},
                [NUMBER] = {"dwell", JSON_WANT_NUMBER, false, false},
                [BOOL] = {"burn_in", JSON_WANT_BOOL, false, false},
                [TIME] = {"from", JSON_WANT_TIME, false, false},
                [STRETCHES] = {"stretches", JSON_WANT_ARRAY, false, false},
                [OBJECT] = {"camera", JSON_WANT_OBJECT, false, true},
        };
        static const int64_t bounds[2] = {-1000, 86400000};
        json_t *values[MEMBERS];
        struct error err = {0};
        struct utc time;
        int64_t number;
        struct stretches stretches = {0};
        if (!json_members(document, members, MEMBERS, values, &err)) {
                assert(err.kind == ERROR_INPUT);
                return;
        }
        if (values[INTEGER] != NULL &&
            json_read_integer(values[INTEGER], "window", bounds, &number, &err))
                assert(number >= bounds[0] && number <= bounds[1]);
        if (values[NUMBER] != NULL &&
            json_read_thousandths(values[NUMBER], "dwell", bounds, &number, &err))
                assert(number >= bounds[0] && number <= bounds[1]);
        if (values[TIME] != NULL && json_read_time(values[TIME], "from", &time, &err))
                assert(time.ms >= UTC_MIN_MS && time.ms <= UTC_MAX_MS);
        if (values[STRETCHES] == NULL)
                return;
        if (stretches_read(values[STRETCHES], &stretches, &err)) {
                assert(stretches.count > 0 && stretches.count <= STRETCHES_MOST);
                for (size_t i = 0; i < stretches.count; i++)
                        assert(stretches.items[i].stretch.from.ms <=
                               stretches.items[i].stretch.to.ms);
        } else {
                assert(err.kind == ERROR_INPUT || err.kind == ERROR_NOT_FOUND);
        }
        stretches_free(&stretches);
}

/* The body of a request; and an order of an export, which the catalog keeps as such. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
        json_t *document = NULL;
        struct error err = {0};
        struct export_order order = {0};
        if (json_read((const char *)bytes, length, &document, &err)) {
                read_members(document);
                json_decref(document);
        } else {
                assert(err.kind == ERROR_INPUT);
        }
        if (order_read((const char *)bytes, length, &order, &err)) {
                struct text text;
                struct export_order again = {0};
                text_init_growing(&text, 1 << 24);
                order_write(&order, &text);
                assert(text_ok(&text) && order_read(text.bytes, text.length, &again, &err));
                assert(again.count == order.count && again.format == order.format &&
                       again.burn_in == order.burn_in);
                order_free(&again);
                text_finish(&text);
        }
        order_free(&order);
        return 0;
}
