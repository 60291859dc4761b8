#include "simulate/canvas.h"

#include <stdlib.h>
#include <string.h>

#include "simulate/random.h"

/* Sums of four uniform numbers: standard deviation 37. */
static int bell(struct rng *rng)
{
        uint64_t bits = rng_next(rng);
        return (int)(bits & 63) + (int)(bits >> 8 & 63) + (int)(bits >> 16 & 63) +
               (int)(bits >> 24 & 63) - 126;
}

/* Sensor noise: mostly of brightness, coarser and weaker in colour. */
static void make_noise(int8_t *noise, const struct light *light)
{
        struct rng rng = {77};
        int level = (int)(light->noise * 256 / 37);
        int colour = 0;
        for (int i = 0; i < CANVAS_NOISE; i++) {
                int n = bell(&rng) * level;
                if (i % 2 == 0)
                        colour = light->grey ? 0 : bell(&rng) * level / 3;
                noise[i * 3] = (int8_t)((n + colour) / 256);
                noise[i * 3 + 1] = (int8_t)(n / 256);
                noise[i * 3 + 2] = (int8_t)((n - colour) / 256);
        }
}

bool canvas_init(struct canvas *canvas, const struct mosaic *mosaic, const struct survey *survey,
                 struct error *err)
{
        size_t pixels = (size_t)mosaic->padded_width * (size_t)mosaic->padded_height;
        size_t tiles = (size_t)mosaic->columns * (size_t)mosaic->rows;
        *canvas = (struct canvas){.mosaic = mosaic, .survey = survey};
        canvas->ground = calloc(pixels, 3);
        canvas->rgb = calloc(pixels, 3);
        canvas->mask = calloc(pixels, 1);
        canvas->sunny = calloc((pixels + 3) / 4 + (size_t)mosaic->padded_width, 1);
        canvas->noise = calloc(CANVAS_NOISE, 3);
        canvas->fresh = calloc(tiles, sizeof *canvas->fresh);
        canvas->touched = calloc(tiles, sizeof *canvas->touched);
        if (canvas->ground == NULL || canvas->rgb == NULL || canvas->mask == NULL ||
            canvas->sunny == NULL || canvas->noise == NULL || canvas->fresh == NULL ||
            canvas->touched == NULL) {
                canvas_finish(canvas);
                return error_set(err, ERROR_FULL, "no memory for a picture of %dx%d", mosaic->width,
                                 mosaic->height);
        }
        return true;
}

void canvas_finish(struct canvas *canvas)
{
        free(canvas->ground);
        free(canvas->rgb);
        free(canvas->mask);
        free(canvas->sunny);
        free(canvas->noise);
        free(canvas->fresh);
        free(canvas->touched);
        *canvas = (struct canvas){0};
}

/* Repeats the last column and row into what lies beyond the picture, so that it costs no bytes. */
static void pad(struct canvas *canvas)
{
        const struct mosaic *m = canvas->mosaic;
        size_t stride = (size_t)m->padded_width * 3;
        for (int y = 0; y < m->height; y++) {
                uint8_t *row = canvas->ground + (size_t)y * stride;
                for (int x = m->width; x < m->padded_width; x++)
                        memcpy(row + (ptrdiff_t)x * 3, row + (ptrdiff_t)(m->width - 1) * 3, 3);
        }
        for (int y = m->height; y < m->padded_height; y++)
                memcpy(canvas->ground + (size_t)y * stride,
                       canvas->ground + (size_t)(m->height - 1) * stride, stride);
}

bool canvas_light(struct canvas *canvas, const struct light *light, struct error *err)
{
        canvas->light = *light;
        if (!light_paint(light, canvas->survey, canvas->ground,
                         (size_t)canvas->mosaic->padded_width * 3, canvas->sunny, err))
                return false;
        pad(canvas);
        make_noise(canvas->noise, light);
        return true;
}

void canvas_clear(struct canvas *canvas, int phase)
{
        int tiles = canvas->mosaic->columns * canvas->mosaic->rows;
        for (int i = 0; i < tiles; i++)
                canvas->fresh[i] = -1;
        canvas->touched_count = 0;
        canvas->phase = phase;
}

/* How many pixels the wind moves leaves at this moment of its period; what is high moves most. */
static int sway(const struct canvas *canvas, int x, int y)
{
        static const signed char gust[CANVAS_PHASES] = {0, 1, 2, 1};
        if (gust[canvas->phase] == 0)
                return 0;
        return y + (x >> 6) % 7 * 24 < canvas->survey->height * 2 / 3 ? gust[canvas->phase] : 0;
}

static void copy_row(const struct canvas *canvas, int x, int y, uint8_t *out)
{
        const struct mosaic *m = canvas->mosaic;
        const uint8_t *row = canvas->ground + (size_t)y * (size_t)m->padded_width * 3;
        memcpy(out, row + (ptrdiff_t)x * 3, (size_t)m->tile_width * 3);
        int shift = sway(canvas, x, y);
        if (shift == 0 || y >= m->height)
                return;
        const struct sample *samples = canvas->survey->samples + (ptrdiff_t)y * m->width;
        for (int i = 0; i < m->tile_width && x + i + shift < m->width; i++) {
                if (samples[x + i].kind == SAMPLE_LEAVES &&
                    samples[x + i + shift].kind == SAMPLE_LEAVES)
                        memcpy(out + (ptrdiff_t)i * 3, row + (ptrdiff_t)(x + i + shift) * 3, 3);
        }
}

static void bring(struct canvas *canvas, int tile)
{
        const struct mosaic *m = canvas->mosaic;
        int x = tile % m->columns * m->tile_width;
        int y = tile / m->columns * MOSAIC_TILE_HEIGHT;
        for (int i = 0; i < MOSAIC_TILE_HEIGHT; i++) {
                size_t at = ((size_t)(y + i) * (size_t)m->padded_width + (size_t)x) * 3;
                copy_row(canvas, x, y + i, canvas->rgb + at);
        }
        canvas->fresh[tile] = canvas->touched_count;
        canvas->touched[canvas->touched_count++] = tile;
}

struct area canvas_touch(struct canvas *canvas, struct area area)
{
        const struct mosaic *m = canvas->mosaic;
        area.x0 = area.x0 < 0 ? 0 : area.x0;
        area.y0 = area.y0 < 0 ? 0 : area.y0;
        area.x1 = area.x1 > m->width ? m->width : area.x1;
        area.y1 = area.y1 > m->height ? m->height : area.y1;
        if (area.x0 >= area.x1 || area.y0 >= area.y1)
                return (struct area){0};
        for (int r = area.y0 / MOSAIC_TILE_HEIGHT; r <= (area.y1 - 1) / MOSAIC_TILE_HEIGHT; r++) {
                for (int c = area.x0 / m->tile_width; c <= (area.x1 - 1) / m->tile_width; c++) {
                        if (canvas->fresh[r * m->columns + c] < 0)
                                bring(canvas, r * m->columns + c);
                }
        }
        return area;
}

static uint8_t clip(int value)
{
        return (uint8_t)(value < 0 ? 0 : value > 255 ? 255 : value);
}

void canvas_tile(const struct canvas *canvas, int tile, uint8_t *out)
{
        const struct mosaic *m = canvas->mosaic;
        size_t row = (size_t)m->tile_width * 3;
        int x = tile % m->columns * m->tile_width;
        int y = tile / m->columns * MOSAIC_TILE_HEIGHT;
        uint64_t scatter = mix64((uint64_t)tile * CANVAS_PHASES + (uint64_t)canvas->phase);
        size_t span = (size_t)(CANVAS_NOISE - m->tile_width);
        for (int i = 0; i < MOSAIC_TILE_HEIGHT; i++, out += row) {
                size_t at = ((size_t)(y + i) * (size_t)m->padded_width + (size_t)x) * 3;
                if (canvas->fresh[tile] >= 0)
                        memcpy(out, canvas->rgb + at, row);
                else
                        copy_row(canvas, x, y + i, out);
                const int8_t *noise =
                        canvas->noise + ((scatter >> (i * 3)) + (size_t)i * 977) % span * 3;
                for (size_t j = 0; j < row; j++)
                        out[j] = clip(out[j] + noise[j]);
        }
}

void canvas_cast(struct canvas *canvas, struct area area, float depth)
{
        const struct mosaic *m = canvas->mosaic;
        int half_width = (m->width + 1) / 2;
        area = canvas_touch(canvas, area);
        for (int y = area.y0; y < area.y1; y++) {
                for (int x = area.x0; x < area.x1; x++) {
                        size_t at = (size_t)y * (size_t)m->padded_width + (size_t)x;
                        int mask = canvas->mask[at];
                        if (mask == 0)
                                continue;
                        canvas->mask[at] = 0;
                        int sun = canvas->sunny[y / 2 * half_width + x / 2];
                        int keep = 256 - (int)(depth * (float)(mask * sun) * 256 / 65025);
                        for (int c = 0; c < 3; c++)
                                canvas->rgb[at * 3 + (size_t)c] =
                                        (uint8_t)(canvas->rgb[at * 3 + (size_t)c] * keep >> 8);
                }
        }
}

void canvas_contact(struct canvas *canvas, struct vec place, float radius, float depth)
{
        const struct survey *s = canvas->survey;
        struct spot_on_screen at;
        if (!survey_project(s, place, &at))
                return;
        float wide = radius * at.scale;
        float tall = wide * clampf(s->scene->view.eye.y / at.distance, 0.12F, 1);
        struct area area = {(int)(at.x - wide), (int)(at.y - tall), (int)(at.x + wide) + 2,
                            (int)(at.y + tall) + 2};
        area = canvas_touch(canvas, area);
        for (int y = area.y0; y < area.y1; y++) {
                for (int x = area.x0; x < area.x1; x++) {
                        const struct sample *sample = &s->samples[y * s->width + x];
                        if (sample->kind != SAMPLE_GROUND)
                                continue;
                        float dx = ((float)x - at.x) / wide;
                        float dy = ((float)y - at.y) / tall;
                        float keep = 1 - depth * (1 - ramp(0.25F, 1, sqrtf(dx * dx + dy * dy)));
                        uint8_t *p =
                                canvas->rgb +
                                ((size_t)y * (size_t)canvas->mosaic->padded_width + (size_t)x) * 3;
                        for (int c = 0; c < 3; c++)
                                p[c] = (uint8_t)((float)p[c] * keep);
                }
        }
}

void canvas_glow(struct canvas *canvas, struct vec place, float radius, struct vec colour)
{
        const struct survey *s = canvas->survey;
        struct spot_on_screen at;
        if (!survey_project(s, place, &at) || at.x < 0 || at.y < 0 || at.x >= (float)s->width ||
            at.y >= (float)s->height)
                return;
        const struct sample *before = &s->samples[(int)at.y * s->width + (int)at.x];
        if (before->distance < at.distance - 0.6F)
                return;
        struct area area = {(int)(at.x - radius), (int)(at.y - radius), (int)(at.x + radius) + 1,
                            (int)(at.y + radius) + 1};
        area = canvas_touch(canvas, area);
        for (int y = area.y0; y < area.y1; y++) {
                for (int x = area.x0; x < area.x1; x++) {
                        float dx = ((float)x - at.x) / radius;
                        float dy = ((float)y - at.y) / radius;
                        float d = sqrtf(dx * dx + dy * dy);
                        float core = 1 - ramp(0.05F, 0.22F, d);
                        float halo = 1 - clampf(d, 0, 1);
                        float f = core + 0.55F * halo * halo;
                        uint8_t *p =
                                canvas->rgb +
                                ((size_t)y * (size_t)canvas->mosaic->padded_width + (size_t)x) * 3;
                        p[0] = clip(p[0] + (int)(255 * f * colour.x));
                        p[1] = clip(p[1] + (int)(255 * f * colour.y));
                        p[2] = clip(p[2] + (int)(255 * f * colour.z));
                }
        }
}

/* Where on the picture a stretch of ground before a car lies. */
static struct area beam_area(const struct survey *s, struct vec place, struct vec heading)
{
        struct vec side = {heading.z, 0, -heading.x};
        struct area area = {s->width, s->height, 0, 0};
        for (int i = 0; i < 4; i++) {
                float ahead = i & 1 ? 15 : 2;
                float out = (i & 2 ? 1.0F : -1.0F) * (i & 1 ? 4.2F : 1.2F);
                struct vec p =
                        vec_add(place, vec_add(vec_scale(heading, ahead), vec_scale(side, out)));
                struct spot_on_screen at;
                if (!survey_project(s, p, &at))
                        continue;
                area.x0 = (int)least((float)area.x0, at.x);
                area.y0 = (int)least((float)area.y0, at.y);
                area.x1 = (int)most((float)area.x1, at.x);
                area.y1 = (int)most((float)area.y1, at.y);
        }
        return area;
}

void canvas_beam(struct canvas *canvas, struct vec place, struct vec heading, float strength)
{
        const struct survey *s = canvas->survey;
        struct vec side = {heading.z, 0, -heading.x};
        struct area area = canvas_touch(canvas, beam_area(s, place, heading));
        for (int y = area.y0; y < area.y1; y++) {
                for (int x = area.x0; x < area.x1; x++) {
                        const struct sample *sample = &s->samples[y * s->width + x];
                        if (sample->kind != SAMPLE_GROUND)
                                continue;
                        struct vec ray = survey_ray(s, (float)x, (float)y);
                        struct vec p =
                                vec_add(s->scene->view.eye, vec_scale(ray, sample->distance));
                        struct vec rel = vec_sub(p, place);
                        float ahead = vec_dot(rel, heading);
                        float out = vec_dot(rel, side) / (0.9F + 0.22F * ahead);
                        float f = ramp(1.5F, 4, ahead) * (1 - ramp(6, 15, ahead)) *
                                  (1 - ramp(0.4F, 1.05F, fabsf(out)));
                        uint8_t *q =
                                canvas->rgb +
                                ((size_t)y * (size_t)canvas->mosaic->padded_width + (size_t)x) * 3;
                        for (int c = 0; c < 3; c++) {
                                float own = (float)sample->albedo[canvas->light.grey ? 1 : c] / 255;
                                float add = f * strength * own *
                                            (c == 2 && !canvas->light.grey ? 190.0F : 220.0F);
                                q[c] = clip(q[c] + (int)(add * (1 - (float)q[c] / 320)));
                        }
                }
        }
}
