#include "simulate/mosaic.h"

#include <assert.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

enum { BATCH = 2048, INTERVAL_MAX = 8 };

/* libjpeg calls error_exit and expects it not to return. */
struct trap {
        struct jpeg_error_mgr manager;
        jmp_buf jump;
        char text[JMSG_LENGTH_MAX];
};

static void trap_exit(j_common_ptr common)
{
        struct trap *trap = (struct trap *)common->err;
        trap->manager.format_message(common, trap->text);
        longjmp(trap->jump, 1);
}

/* The width of a tile in blocks of 16: a divisor of the picture's, as tiles must not wrap. */
static int interval_for(int blocks)
{
        for (int i = INTERVAL_MAX; i > 2; i--) {
                if (blocks % i == 0)
                        return i;
        }
        return blocks;
}

/* Encodes a strip one tile wide; *out is malloc'ed by libjpeg and the caller's, also on failure. */
static bool encode_strip(const struct mosaic *mosaic, const uint8_t *pixels, int count,
                         unsigned char **out, unsigned long *length_out, struct error *err)
{
        struct jpeg_compress_struct encoder;
        struct trap trap;
        encoder.err = jpeg_std_error(&trap.manager);
        trap.manager.error_exit = trap_exit;
        jpeg_create_compress(&encoder);
        if (setjmp(trap.jump)) {
                jpeg_destroy_compress(&encoder);
                return error_set(err, ERROR_SYSTEM, "encode a picture: %s", trap.text);
        }
        jpeg_mem_dest(&encoder, out, length_out);
        encoder.image_width = (JDIMENSION)mosaic->tile_width;
        encoder.image_height = (JDIMENSION)(count * MOSAIC_TILE_HEIGHT);
        encoder.input_components = 3;
        encoder.in_color_space = JCS_RGB;
        jpeg_set_defaults(&encoder);
        jpeg_set_quality(&encoder, mosaic->quality, TRUE);
        encoder.dct_method = JDCT_IFAST;
        encoder.restart_interval = (unsigned)(mosaic->tile_width / 16);
        encoder.write_JFIF_header = FALSE;
        jpeg_start_compress(&encoder, TRUE);
        size_t stride = (size_t)mosaic->tile_width * 3;
        while (encoder.next_scanline < encoder.image_height) {
                JSAMPROW rows[MOSAIC_TILE_HEIGHT];
                for (unsigned i = 0; i < MOSAIC_TILE_HEIGHT; i++)
                        rows[i] = (JSAMPROW)(pixels + (encoder.next_scanline + i) * stride);
                jpeg_write_scanlines(&encoder, rows, MOSAIC_TILE_HEIGHT);
        }
        jpeg_finish_compress(&encoder);
        jpeg_destroy_compress(&encoder);
        return true;
}

/* Where the entropy-coded data begins: after the SOS segment. What libjpeg wrote is well-formed. */
static size_t scan_start(const unsigned char *bytes)
{
        size_t at = 2;
        for (;;) {
                assert(bytes[at] == 0xff);
                uint8_t marker = bytes[at + 1];
                at += 2 + ((size_t)bytes[at + 2] << 8 | bytes[at + 3]);
                if (marker == 0xda)
                        return at;
        }
}

static void patch_size(struct mosaic *mosaic)
{
        for (size_t at = 0; at + 8 < mosaic->head_length;) {
                uint8_t *segment = mosaic->head + at;
                if (segment[1] == 0xc0) {
                        segment[5] = (uint8_t)(mosaic->height >> 8);
                        segment[6] = (uint8_t)(mosaic->height & 0xff);
                        segment[7] = (uint8_t)(mosaic->width >> 8);
                        segment[8] = (uint8_t)(mosaic->width & 0xff);
                        return;
                }
                at += 2 + ((size_t)segment[2] << 8 | segment[3]);
        }
        assert(!"libjpeg wrote no SOF0");
}

bool mosaic_init(struct mosaic *mosaic, int width, int height, int quality, struct error *err)
{
        if (width < 160 || height < 120 || width > 4096 || height > 4096)
                return error_set(err, ERROR_INPUT,
                                 "a size of %dx%d: from 160x120 to 4096x4096 is possible", width,
                                 height);
        int blocks = (width + 15) / 16;
        int interval = interval_for(blocks);
        *mosaic = (struct mosaic){.width = width, .height = height, .quality = quality};
        mosaic->tile_width = interval * 16;
        mosaic->columns = blocks / interval;
        mosaic->rows = (height + 15) / 16;
        mosaic->padded_width = blocks * 16;
        mosaic->padded_height = mosaic->rows * 16;

        uint8_t *blank = calloc((size_t)mosaic->tile_width * 3, MOSAIC_TILE_HEIGHT);
        if (blank == NULL)
                return error_set(err, ERROR_FULL, "no memory for a tile");
        unsigned char *bytes = NULL;
        unsigned long length = 0;
        bool ok = encode_strip(mosaic, blank, 1, &bytes, &length, err);
        if (ok) {
                mosaic->head_length = scan_start(bytes) - 2;
                assert(mosaic->head_length <= sizeof mosaic->head);
                memcpy(mosaic->head, bytes + 2, mosaic->head_length);
                patch_size(mosaic);
        }
        free(bytes);
        free(blank);
        return ok;
}

static bool tiles_reserve(struct tiles *tiles, int count, size_t bytes, struct error *err)
{
        if (count + 1 > tiles->start_room) {
                uint32_t *start = realloc(tiles->start, sizeof *start * (size_t)(count + 1));
                if (start == NULL)
                        return error_set(err, ERROR_FULL, "no memory for %d tiles", count);
                tiles->start = start;
                tiles->start_room = count + 1;
        }
        if (bytes > tiles->room) {
                size_t room = bytes + bytes / 2;
                uint8_t *larger = realloc(tiles->bytes, room);
                if (larger == NULL)
                        return error_set(err, ERROR_FULL, "no memory for encoded tiles");
                tiles->bytes = larger;
                tiles->room = room;
        }
        return true;
}

/* Cuts a scan at its restart markers and appends each interval as a tile. */
static bool cut(struct tiles *tiles, const uint8_t *scan, size_t length, int count,
                struct error *err)
{
        size_t used = tiles->count > 0 ? tiles->start[tiles->count] : 0;
        if (!tiles_reserve(tiles, tiles->count + count, used + length, err))
                return false;
        size_t begin = 0;
        int found = 0;
        tiles->start[tiles->count] = (uint32_t)used;
        for (size_t at = 0; at + 1 < length; at++) {
                const uint8_t *mark = memchr(scan + at, 0xff, length - at - 1);
                if (mark == NULL)
                        break;
                at = (size_t)(mark - scan);
                if (scan[at + 1] == 0)
                        continue;
                memcpy(tiles->bytes + used, scan + begin, at - begin);
                used += at - begin;
                begin = at + 2;
                tiles->start[++tiles->count] = (uint32_t)used;
                found++;
        }
        assert(found == count);
        return true;
}

bool mosaic_encode(const struct mosaic *mosaic, const uint8_t *pixels, int count,
                   struct tiles *tiles, struct error *err)
{
        size_t tile_bytes = (size_t)mosaic->tile_width * 3 * MOSAIC_TILE_HEIGHT;
        tiles->count = 0;
        for (int done = 0; done < count; done += BATCH) {
                int part = count - done < BATCH ? count - done : BATCH;
                unsigned char *bytes = NULL;
                unsigned long length = 0;
                bool ok = encode_strip(mosaic, pixels + tile_bytes * (size_t)done, part, &bytes,
                                       &length, err);
                if (ok) {
                        size_t start = scan_start(bytes);
                        ok = cut(tiles, bytes + start, length - start, part, err);
                }
                free(bytes);
                if (!ok)
                        return false;
        }
        return true;
}

void tiles_finish(struct tiles *tiles)
{
        free(tiles->bytes);
        free(tiles->start);
        *tiles = (struct tiles){0};
}

static size_t bytes_of(const struct tiles *tiles)
{
        return tiles->count > 0 ? tiles->start[tiles->count] : 0;
}

size_t mosaic_bound(const struct mosaic *mosaic, const struct mosaic_parts *parts)
{
        size_t count = (size_t)mosaic->columns * (size_t)mosaic->rows;
        return parts->opening_length + mosaic->head_length + bytes_of(parts->ground) +
               bytes_of(parts->fresh) + 2 * count;
}

size_t mosaic_assemble(const struct mosaic *mosaic, const struct mosaic_parts *parts, uint8_t *out)
{
        int count = mosaic->columns * mosaic->rows;
        uint8_t *at = out;
        memcpy(at, parts->opening, parts->opening_length);
        at += parts->opening_length;
        memcpy(at, mosaic->head, mosaic->head_length);
        at += mosaic->head_length;
        for (int i = 0; i < count; i++) {
                bool fresh = parts->fresh_index[i] >= 0;
                const struct tiles *from = fresh ? parts->fresh : parts->ground;
                int tile = fresh ? parts->fresh_index[i] : i;
                size_t length = from->start[tile + 1] - from->start[tile];
                memcpy(at, from->bytes + from->start[tile], length);
                at += length;
                *at++ = 0xff;
                *at++ = i + 1 < count ? (uint8_t)(0xd0 + i % 8) : 0xd9;
        }
        return (size_t)(at - out);
}
