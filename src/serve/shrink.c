#include "serve/shrink.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include "serve/orientation.h"

/* libjpeg's way out of errors is longjmp; it does not leave this file. Everything allocated lives
 * in struct work, which the functions that may be left so only fill. */

enum { QUALITY = 80, SCANS_MOST = 200, MEMORY_MOST = 256 << 20, MADE_PIXELS_MOST = 16 << 20 };

static const int steps[] = {160, 320, 480, 640, 960, 1280, 1600, 2048};

int shrink_step(int width)
{
        int count = (int)(sizeof steps / sizeof steps[0]);
        for (int i = 0; i < count; i++) {
                if (width <= steps[i])
                        return steps[i];
        }
        return SHRINK_WIDTH_MAX;
}

struct work {
        struct jpeg_error_mgr errors; /* first: libjpeg hands its address back */
        jmp_buf out;
        char message[JMSG_LENGTH_MAX];
        struct jpeg_progress_mgr progress;
        struct jpeg_decompress_struct in;
        struct jpeg_compress_struct encoder;
        bool decoding;  /* `in` exists */
        bool encoding;  /* `encoder` exists */
        uint8_t *row;   /* as decoded */
        uint64_t *sums; /* of the row being made, 24.16 fixed point weights */
        uint8_t *made;  /* rows made */
        int channels;   /* of what is made: 1 or 3 */
        int width, height;
        int orientation; /* as the picture says, and as what is made of it says */
        unsigned char *packed;
        unsigned long packed_length;
};

static void leave(j_common_ptr common)
{
        struct work *work = (struct work *)common->err;
        common->err->format_message(common, work->message);
        longjmp(work->out, 1);
}

static void stay_silent(j_common_ptr common, int level)
{
        if (level < 0)
                common->err->num_warnings++;
}

/* A progressive picture may ask for any number of passes over itself. */
static void count_scans(j_common_ptr common)
{
        struct work *work = (struct work *)common->err;
        if (common->is_decompressor && ((j_decompress_ptr)common)->input_scan_number > SCANS_MOST) {
                snprintf(work->message, sizeof work->message, "it has too many scans");
                longjmp(work->out, 1);
        }
}

/* The least eighths that still give at least the width wanted. */
static unsigned eighths(unsigned whole, unsigned wanted)
{
        unsigned scale = 1;
        while (scale < 8 && (whole * scale + 7) / 8 < wanted)
                scale++;
        return scale;
}

static int orientation_of(j_decompress_ptr in)
{
        for (jpeg_saved_marker_ptr at = in->marker_list; at != NULL; at = at->next) {
                int orientation = orientation_read(at->data, at->data_length);
                if (orientation != ORIENTATION_AS_STORED)
                        return orientation;
        }
        return ORIENTATION_AS_STORED;
}

static bool begin_decoding(struct work *work, const uint8_t *bytes, size_t length, int width,
                           struct error *err)
{
        jpeg_create_decompress(&work->in);
        work->decoding = true;
        work->in.mem->max_memory_to_use = MEMORY_MOST;
        work->in.progress = &work->progress;
        jpeg_mem_src(&work->in, bytes, length);
        jpeg_save_markers(&work->in, JPEG_APP0 + 1, 0xffff);
        if (jpeg_read_header(&work->in, TRUE) != JPEG_HEADER_OK)
                return error_set(err, ERROR_CORRUPT, "it has no picture in it");
        work->orientation = orientation_of(&work->in);
        uint64_t pixels = (uint64_t)work->in.image_width * work->in.image_height;
        if (pixels > SHRINK_PIXELS_MOST)
                return error_set(err, ERROR_CORRUPT,
                                 "%u x %u pixels are more than are decoded here",
                                 work->in.image_width, work->in.image_height);
        unsigned wanted =
                (unsigned)width < work->in.image_width ? (unsigned)width : work->in.image_width;
        uint64_t height = ((uint64_t)work->in.image_height * wanted + work->in.image_width / 2) /
                          work->in.image_width;
        work->width = (int)wanted;
        work->height = height < 1 ? 1 : (int)height;
        if ((uint64_t)wanted * (uint64_t)work->height > MADE_PIXELS_MOST)
                return error_set(err, ERROR_CORRUPT, "%u x %u pixels are too tall a picture",
                                 work->in.image_width, work->in.image_height);
        unsigned across = eighths(work->in.image_width, wanted);
        unsigned down = eighths(work->in.image_height, (unsigned)work->height);
        work->in.scale_num = across > down ? across : down;
        work->in.scale_denom = 8;
        work->in.dct_method = JDCT_ISLOW;
        if (work->in.jpeg_color_space == JCS_YCCK || work->in.jpeg_color_space == JCS_CMYK)
                work->in.out_color_space = JCS_CMYK;
        else if (work->in.jpeg_color_space == JCS_GRAYSCALE)
                work->in.out_color_space = JCS_GRAYSCALE;
        else if (work->in.jpeg_color_space == JCS_YCbCr)
                work->in.out_color_space = JCS_YCbCr; /* there is no need to go through RGB */
        else
                work->in.out_color_space = JCS_RGB;
        jpeg_start_decompress(&work->in);
        work->channels = work->in.out_color_space == JCS_GRAYSCALE ? 1 : 3;
        return true;
}

/* Adobe's four inks, stored inverted, to light. */
static void inks_to_rgb(uint8_t *row, unsigned width)
{
        for (unsigned x = 0; x < width; x++) {
                unsigned black = row[x * 4 + 3];
                for (unsigned c = 0; c < 3; c++)
                        row[x * 3 + c] = (uint8_t)(row[x * 4 + c] * black / 255);
        }
}

/*
 * Adds one decoded row to the sums of the row being made, with a weight in 1/65536: each pixel made
 * is the mean of the area it covers, parts of pixels counted as such.
 */
static void add_row(struct work *work, uint64_t weight)
{
        unsigned in_width = work->in.output_width;
        int channels = work->channels;
        uint64_t step = ((uint64_t)in_width << 16) / (unsigned)work->width;
        for (int x = 0; x < work->width; x++) {
                uint64_t start = step * (unsigned)x;
                uint64_t end = x + 1 == work->width ? (uint64_t)in_width << 16 : start + step;
                for (uint64_t at = start; at < end;) {
                        uint64_t pixel = at >> 16;
                        uint64_t next = (pixel + 1) << 16;
                        uint64_t share = (next < end ? next : end) - at;
                        for (int c = 0; c < channels; c++)
                                work->sums[x * channels + c] +=
                                        (work->row[pixel * (unsigned)channels + (unsigned)c] *
                                                 share * weight >>
                                         16);
                        at += share;
                }
        }
}

static void finish_row(struct work *work, int y)
{
        uint64_t step_x = ((uint64_t)work->in.output_width << 16) / (unsigned)work->width;
        uint64_t step_y = ((uint64_t)work->in.output_height << 16) / (unsigned)work->height;
        uint64_t area = step_x * step_y >> 16;
        size_t count = (size_t)work->width * (size_t)work->channels;
        uint8_t *out = work->made + (size_t)y * count;
        for (size_t i = 0; i < count; i++) {
                uint64_t value = area > 0 ? (work->sums[i] + area / 2) / area : 0;
                out[i] = value > 255 ? 255 : (uint8_t)value;
                work->sums[i] = 0;
        }
}

static void decode(struct work *work)
{
        uint64_t step = ((uint64_t)work->in.output_height << 16) / (unsigned)work->height;
        int y = 0;
        for (uint64_t line = 0; line < work->in.output_height; line++) {
                JSAMPROW rows[1] = {work->row};
                jpeg_read_scanlines(&work->in, rows, 1);
                if (work->in.out_color_space == JCS_CMYK)
                        inks_to_rgb(work->row, work->in.output_width);
                uint64_t at = line << 16;
                uint64_t end = at + 65536;
                while (at < end && y < work->height) {
                        uint64_t row_end = step * (unsigned)(y + 1);
                        uint64_t share = (row_end < end ? row_end : end) - at;
                        add_row(work, share);
                        at += share;
                        if (at == row_end)
                                finish_row(work, y++);
                }
        }
        if (y < work->height)
                finish_row(work, y);
}

static void encode(struct work *work)
{
        jpeg_create_compress(&work->encoder);
        work->encoding = true;
        jpeg_mem_dest(&work->encoder, &work->packed, &work->packed_length);
        work->encoder.image_width = (unsigned)work->width;
        work->encoder.image_height = (unsigned)work->height;
        work->encoder.input_components = work->channels;
        J_COLOR_SPACE space = work->in.out_color_space;
        work->encoder.in_color_space = space == JCS_CMYK ? JCS_RGB : space;
        jpeg_set_defaults(&work->encoder);
        jpeg_set_quality(&work->encoder, QUALITY, TRUE);
        jpeg_start_compress(&work->encoder, TRUE);
        if (work->orientation != ORIENTATION_AS_STORED) {
                uint8_t segment[ORIENTATION_SEGMENT];
                orientation_write(work->orientation, segment);
                jpeg_write_marker(&work->encoder, JPEG_APP0 + 1, segment, sizeof segment);
        }
        size_t stride = (size_t)work->width * (size_t)work->channels;
        while (work->encoder.next_scanline < work->encoder.image_height) {
                JSAMPROW rows[1] = {work->made + work->encoder.next_scanline * stride};
                jpeg_write_scanlines(&work->encoder, rows, 1);
        }
        jpeg_finish_compress(&work->encoder);
}

static bool allocate(struct work *work, struct error *err)
{
        size_t made = (size_t)work->width * (size_t)work->channels;
        work->row = malloc((size_t)work->in.output_width * 4);
        work->sums = calloc(made, sizeof *work->sums);
        work->made = calloc((size_t)work->height, made);
        if (work->row == NULL || work->sums == NULL || work->made == NULL)
                return error_set(err, ERROR_FULL, "no memory for a thumbnail");
        return true;
}

static bool shrink(struct work *work, const uint8_t *bytes, size_t length, int width,
                   struct error *err)
{
        if (setjmp(work->out) != 0)
                return error_set(err, ERROR_CORRUPT, "%s", work->message);
        if (!begin_decoding(work, bytes, length, width, err) || !allocate(work, err))
                return false;
        decode(work);
        encode(work);
        return true;
}

bool shrink_jpeg(const uint8_t *bytes, size_t length, int width, uint8_t **out_bytes,
                 size_t *out_length, struct error *err)
{
        struct work *work = calloc(1, sizeof *work);
        if (work == NULL)
                return error_set(err, ERROR_FULL, "no memory for a thumbnail");
        work->in.err = jpeg_std_error(&work->errors);
        work->encoder.err = &work->errors;
        work->errors.error_exit = leave;
        work->errors.emit_message = stay_silent;
        work->progress.progress_monitor = count_scans;
        bool fine = shrink(work, bytes, length, width, err);
        if (work->decoding)
                jpeg_destroy_decompress(&work->in);
        if (work->encoding)
                jpeg_destroy_compress(&work->encoder);
        if (fine) {
                *out_bytes = work->packed;
                *out_length = work->packed_length;
        } else {
                free(work->packed);
        }
        free(work->row);
        free(work->sums);
        free(work->made);
        free(work);
        return fine;
}
