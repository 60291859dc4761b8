#include "serve/encoding.h"

#include <brotli/encode.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#define ZLIB_CONST /* input is const */
#include <zlib.h>

enum { BROTLI_QUALITY_LIVE = 3, BROTLI_WINDOW_LIVE = 18, GZIP_LEVEL_LIVE = 3, GZIP_WINDOW = 31 };

const char *encoding_word(enum encoding encoding)
{
        static const char *const words[ENCODINGS] = {
                [ENCODING_GZIP] = "gzip", [ENCODING_BROTLI] = "br"};
        return words[encoding];
}

/* A weight after ";": thousandths, 1000 when there is none or it cannot be read. */
static int weight(const char *at, const char *end)
{
        while (at < end && (*at == ' ' || *at == '\t' || *at == ';'))
                at++;
        if (end - at < 3 || (at[0] != 'q' && at[0] != 'Q') || at[1] != '=')
                return 1000;
        at += 2;
        int value = *at == '1' ? 1000 : 0;
        if (++at < end && *at == '.' && value == 0) {
                int scale = 100;
                for (at++; at < end && *at >= '0' && *at <= '9' && scale > 0; at++, scale /= 10)
                        value += (*at - '0') * scale;
        }
        return value;
}

static bool word_is(const char *word, size_t length, const char *wanted)
{
        return strlen(wanted) == length && strncasecmp(word, wanted, length) == 0;
}

enum encoding encoding_choose(const char *accept)
{
        if (accept == NULL)
                return ENCODING_IDENTITY;
        int weights[ENCODINGS] = {-1, -1, -1};
        int other = -1;
        for (const char *at = accept; *at != '\0';) {
                size_t length = strcspn(at, ",");
                const char *end = at + length;
                while (at < end && (*at == ' ' || *at == '\t'))
                        at++;
                size_t word = strcspn(at, "; \t,");
                int value = weight(at + word, end);
                if (word_is(at, word, "br"))
                        weights[ENCODING_BROTLI] = value;
                else if (word_is(at, word, "gzip") || word_is(at, word, "x-gzip"))
                        weights[ENCODING_GZIP] = value;
                else if (word_is(at, word, "identity"))
                        weights[ENCODING_IDENTITY] = value;
                else if (word_is(at, word, "*"))
                        other = value;
                at = *end == ',' ? end + 1 : end;
        }
        enum encoding best = ENCODING_IDENTITY;
        /* Not named: identity is acceptable, though less than anything that is named. */
        int best_weight = weights[ENCODING_IDENTITY] >= 0 ? weights[ENCODING_IDENTITY] : 0;
        for (enum encoding encoding = ENCODING_GZIP; encoding < ENCODINGS; encoding++) {
                int value = weights[encoding] >= 0 ? weights[encoding] : other;
                if (value > 0 && value >= best_weight) {
                        best = encoding;
                        best_weight = value;
                }
        }
        return best;
}

struct encoder {
        enum encoding encoding;
        BrotliEncoderState *brotli;
        z_stream gzip;
};

bool encoder_create(enum encoding encoding, struct encoder **encoder_out, struct error *err)
{
        struct encoder *encoder = calloc(1, sizeof *encoder);
        if (encoder == NULL)
                return error_set(err, ERROR_FULL, "no memory to compress with");
        encoder->encoding = encoding;
        if (encoding == ENCODING_BROTLI) {
                encoder->brotli = BrotliEncoderCreateInstance(NULL, NULL, NULL);
                if (encoder->brotli == NULL) {
                        free(encoder);
                        return error_set(err, ERROR_FULL, "no memory to compress with");
                }
                BrotliEncoderSetParameter(encoder->brotli, BROTLI_PARAM_QUALITY,
                                          BROTLI_QUALITY_LIVE);
                BrotliEncoderSetParameter(encoder->brotli, BROTLI_PARAM_LGWIN, BROTLI_WINDOW_LIVE);
        } else if (encoding == ENCODING_GZIP &&
                   deflateInit2(&encoder->gzip, GZIP_LEVEL_LIVE, Z_DEFLATED, GZIP_WINDOW, 8,
                                Z_DEFAULT_STRATEGY) != Z_OK) {
                free(encoder);
                return error_set(err, ERROR_FULL, "no memory to compress with");
        }
        *encoder_out = encoder;
        return true;
}

void encoder_destroy(struct encoder **encoder)
{
        if (*encoder == NULL)
                return;
        if ((*encoder)->encoding == ENCODING_BROTLI)
                BrotliEncoderDestroyInstance((*encoder)->brotli);
        else if ((*encoder)->encoding == ENCODING_GZIP)
                deflateEnd(&(*encoder)->gzip);
        free(*encoder);
        *encoder = NULL;
}

static bool feed_brotli(struct encoder *encoder, const char *bytes, size_t length, bool last,
                        struct text *out)
{
        const uint8_t *next = (const uint8_t *)bytes;
        size_t left = length;
        size_t room = 0;
        BrotliEncoderOperation operation =
                last ? BROTLI_OPERATION_FINISH : BROTLI_OPERATION_PROCESS;
        do {
                if (!BrotliEncoderCompressStream(encoder->brotli, operation, &left, &next, &room,
                                                 NULL, NULL))
                        return false;
                size_t made = 0;
                const uint8_t *piece = BrotliEncoderTakeOutput(encoder->brotli, &made);
                text_add(out, piece, made);
        } while (left > 0 || BrotliEncoderHasMoreOutput(encoder->brotli) ||
                 (last && !BrotliEncoderIsFinished(encoder->brotli)));
        return true;
}

static bool feed_gzip(struct encoder *encoder, const char *bytes, size_t length, bool last,
                      struct text *out)
{
        z_stream *stream = &encoder->gzip;
        unsigned char piece[16384];
        stream->next_in = (const unsigned char *)bytes;
        stream->avail_in = (uInt)length;
        int status;
        do {
                stream->next_out = piece;
                stream->avail_out = sizeof piece;
                status = deflate(stream, last ? Z_FINISH : Z_NO_FLUSH);
                if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
                        return false;
                text_add(out, piece, sizeof piece - stream->avail_out);
        } while (stream->avail_out == 0 || (last && status != Z_STREAM_END));
        return true;
}

bool encoder_feed(struct encoder *encoder, const char *bytes, size_t length, bool last,
                  struct text *out, struct error *err)
{
        bool fine = true;
        if (length > UINT32_MAX)
                return error_set(err, ERROR_INPUT, "too much to compress at once");
        if (encoder->encoding == ENCODING_BROTLI)
                fine = feed_brotli(encoder, bytes, length, last, out);
        else if (encoder->encoding == ENCODING_GZIP)
                fine = feed_gzip(encoder, bytes, length, last, out);
        else
                text_add(out, bytes, length);
        if (!fine || !text_ok(out))
                return error_set(err, ERROR_FULL, "no memory to compress with");
        return true;
}
