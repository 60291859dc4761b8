#include <stdint.h>
#include <string.h>

#include "query/events.h"

/*
 * A cursor is 24 bytes in base64url (RFC 4648, 5): version, sort with direction, value, start,
 * camera, and a check of two bytes, all big-endian. The check is against accidents, not against
 * people: a cursor made up by hand does no harm, it is only a position.
 */
enum { CURSOR_BYTES = 24, CURSOR_CHARS = CURSOR_BYTES / 3 * 4, CURSOR_VERSION = 1 };

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void put(uint8_t *out, int bytes, uint64_t value)
{
        for (int i = bytes - 1; i >= 0; i--, value >>= 8)
                out[i] = (uint8_t)value;
}

static uint64_t get(const uint8_t *in, int bytes)
{
        uint64_t value = 0;
        for (int i = 0; i < bytes; i++)
                value = value << 8 | in[i];
        return value;
}

static uint16_t check_of(const uint8_t *bytes)
{
        uint32_t hash = UINT32_C(0x811c9dc5);
        for (int i = 0; i < CURSOR_BYTES - 2; i++)
                hash = (hash ^ bytes[i]) * UINT32_C(0x01000193);
        return (uint16_t)(hash >> 16 ^ hash);
}

static uint8_t sort_byte(enum event_sort sort, bool descending)
{
        return (uint8_t)((unsigned)sort << 1 | descending);
}

void event_cursor_format(const struct event_cursor *cursor, enum event_sort sort, bool descending,
                         char out[static EVENT_CURSOR_TEXT_SIZE])
{
        uint8_t bytes[CURSOR_BYTES];
        bytes[0] = CURSOR_VERSION;
        bytes[1] = sort_byte(sort, descending);
        put(bytes + 2, 8, (uint64_t)cursor->value);
        put(bytes + 10, 8, (uint64_t)cursor->start.ms);
        put(bytes + 18, 4, (uint32_t)cursor->camera.value);
        put(bytes + 22, 2, check_of(bytes));
        for (int i = 0; i < CURSOR_BYTES; i += 3) {
                uint64_t group = get(bytes + i, 3);
                for (int j = 0; j < 4; j++)
                        *out++ = alphabet[group >> (18 - 6 * j) & 63];
        }
        *out = '\0';
}

static bool decode(const char *text, uint8_t bytes[static CURSOR_BYTES])
{
        if (strlen(text) != CURSOR_CHARS)
                return false;
        for (int i = 0; i < CURSOR_BYTES; i += 3) {
                uint64_t group = 0;
                for (int j = 0; j < 4; j++) {
                        const char *at = strchr(alphabet, *text++);
                        if (at == NULL)
                                return false;
                        group = group << 6 | (uint64_t)(at - alphabet);
                }
                put(bytes + i, 3, group);
        }
        return true;
}

bool event_cursor_parse(const char *text, enum event_sort sort, bool descending,
                        struct event_cursor *cursor_out, struct error *err)
{
        uint8_t bytes[CURSOR_BYTES];
        if (!decode(text, bytes) || get(bytes + 22, 2) != check_of(bytes) ||
            bytes[0] != CURSOR_VERSION)
                return error_set(err, ERROR_INPUT, "the cursor is not one of ours");
        if (bytes[1] != sort_byte(sort, descending))
                return error_set(err, ERROR_INPUT, "the cursor was made for another sort");
        *cursor_out = (struct event_cursor){
                .value = (int64_t)get(bytes + 2, 8),
                .start = {(int64_t)get(bytes + 10, 8)},
                .camera = {(int32_t)(uint32_t)get(bytes + 18, 4)},
        };
        return true;
}
