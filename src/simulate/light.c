#include "simulate/light.h"

#include <stdlib.h>
#include <string.h>

#include "simulate/noise.h"
#include "simulate/random.h"

enum { STEPS_A_DAY = 72, TONES = 4096 };

static const float tone_range = 6.0F;
static const float pi = 3.14159265F;

/* Sun's height (sine) and azimuth from the date and the hour. */
static struct vec sun_direction(int day_of_year, float hour)
{
        float declination = 0.4091F * sinf(2 * pi * ((float)day_of_year - 81) / 365);
        float latitude = 0.78F;
        float angle = (hour - 12.6F) * pi / 12;
        float up = sinf(latitude) * sinf(declination) +
                   cosf(latitude) * cosf(declination) * cosf(angle);
        float south = sinf(latitude) * cosf(declination) * cosf(angle) -
                      cosf(latitude) * sinf(declination);
        float west = cosf(declination) * sinf(angle);
        return vec_make(west, up, -south);
}

static struct vec turn(struct vec v, float angle)
{
        float s = sinf(angle);
        float c = cosf(angle);
        return vec_make(v.x * c - v.z * s, v.y, v.x * s + v.z * c);
}

static void night(struct light *light, const struct scene *scene)
{
        light->lamps = 1;
        light->sun_colour = vec_make(0, 0, 0);
        light->grey = !scene->colour_night;
        if (light->grey) {
                light->infrared = 1;
                light->sky = vec_make(0.012F, 0.012F, 0.012F);
                light->horizon = vec_make(0.035F, 0.035F, 0.035F);
                light->noise = 4.6F;
                light->exposure = 2.1F;
        } else {
                light->sky = vec_make(0.022F, 0.026F, 0.038F);
                light->horizon = vec_make(0.06F, 0.05F, 0.045F);
                light->noise = 3.6F;
                light->exposure = 2.3F;
        }
        light->bounce = vec_scale(light->sky, 0.5F);
}

static void daylight(struct light *light, float height)
{
        float day = ramp(-0.10F, 0.30F, height);
        float high = ramp(0.0F, 0.5F, height);
        float clear = 1 - 0.9F * light->cloud;
        struct vec warm = vec_mix(vec_make(3.0F, 1.4F, 0.6F), vec_make(3.7F, 3.35F, 2.85F), high);
        light->sun_colour = vec_scale(warm, ramp(-0.02F, 0.12F, height) * clear);
        struct vec blue =
                vec_mix(vec_make(0.33F, 0.53F, 0.98F), vec_make(0.86F, 0.9F, 0.95F), light->cloud);
        light->sky = vec_scale(blue, 0.10F + (0.60F + 0.45F * light->cloud) * day);
        struct vec low = vec_mix(vec_make(1.0F, 0.55F, 0.32F), vec_make(0.90F, 1.02F, 1.16F),
                                 most(high, light->cloud));
        light->horizon = vec_scale(low, 0.08F + 0.95F * day);
        light->bounce = vec_scale(
                vec_add(vec_scale(light->sky, 0.3F), vec_scale(light->sun_colour, 0.10F * high)),
                0.9F);
        light->lamps = 1 - ramp(-0.08F, 0.06F, height);
        light->noise = 1.35F + 1.6F * (1 - day);
        light->exposure = 1.05F + 0.85F * (1 - day);
}

struct light light_at(const struct scene *scene, const struct civil *local, uint64_t seed)
{
        int64_t days = civil_days(local->year, local->month, local->day);
        int minutes = local->hour * 60 + local->minute;
        int part = minutes * STEPS_A_DAY / 1440;
        float hour = ((float)part + 0.5F) * 24 / STEPS_A_DAY;
        int day_of_year = (int)(days - civil_days(local->year, 1, 1));

        struct light light = {.step = days * STEPS_A_DAY + part};
        uint64_t weather = mix64(seed ^ (uint64_t)days);
        light.cloud_seed = (uint32_t)(mix64(weather) & 0xffff);
        light.cloud = (float)(weather & 0xff) / 255;
        light.cloud = light.cloud > 0.72F ? 0.85F : light.cloud * 0.55F;
        struct vec sun = sun_direction(day_of_year, hour);
        light.sun = turn(vec_unit(sun), (float)(scene->seed % 1000) * 0.001F * 1.6F - 0.8F);
        if (sun.y < -0.09F) {
                night(&light, scene);
                /* A dark night does not change: one step from dusk to midnight, one to dawn. */
                light.step = days * STEPS_A_DAY + (hour > 12 ? STEPS_A_DAY - 1 : 0);
        } else {
                daylight(&light, sun.y);
        }
        return light;
}

static struct vec sky_colour(const struct light *light, struct vec dir)
{
        float up = clampf(dir.y, 0, 1);
        struct vec base = vec_mix(light->horizon, light->sky, powf(up, 0.45F));
        float span = 1 / (up + 0.16F);
        float veil = fractal2(dir.x * span * 0.9F, dir.z * span * 0.9F, 5, light->cloud_seed);
        float cover = ramp(0.72F - 0.5F * light->cloud, 0.9F - 0.3F * light->cloud, veil);
        float body = fractal2(dir.x * span * 2.2F, dir.z * span * 2.2F, 3, light->cloud_seed + 9);
        struct vec white = vec_add(vec_scale(light->horizon, 0.75F + 0.35F * body),
                                   vec_scale(light->sun_colour, 0.14F * body));
        base = vec_mix(base, white, cover * 0.85F);
        float towards = most(vec_dot(dir, light->sun), 0);
        float glare = 0.30F * powf(towards, 12) + 1.5F * powf(towards, 300);
        return vec_add(base, vec_scale(light->sun_colour, glare * (1 - 0.7F * light->cloud)));
}

static struct vec lamp_light(const struct lamp *lamp, struct vec point, struct vec *to_out)
{
        struct vec to = vec_sub(lamp->place, point);
        float square = vec_dot(to, to);
        *to_out = vec_scale(to, 1 / sqrtf(square + 0.01F));
        /* a lamp with a shade above: most of it goes down */
        float down = 0.25F + 0.75F * ramp(0.05F, 0.6F, to_out->y);
        return vec_scale(lamp->colour, down / (0.6F + square));
}

static float infrared_at(const struct light *light, const struct survey *survey, struct vec dir,
                         float distance)
{
        float axis = vec_dot(dir, survey->forward);
        float beam = 0.35F + 0.65F * ramp(0.72F, 0.985F, axis);
        return light->infrared * 3.6F * beam / (1 + distance * distance / 70);
}

struct gathered light_gather(const struct light *light, const struct survey *survey,
                             struct vec point)
{
        struct gathered g = {.above = light->sky, .below = light->bounce};
        struct vec eye = survey->scene->view.eye;
        struct vec away = vec_sub(point, eye);
        float distance = sqrtf(vec_dot(away, away));
        g.haze = light->grey ? 0 : 1 - expf(-distance / 700);
        if (light->sun_colour.x > 0.01F) {
                g.direction[g.keys] = light->sun;
                float seen = survey_visibility(survey->scene, vec_add(point, vec_make(0, 0.9F, 0)),
                                               light->sun);
                g.colour[g.keys++] = vec_scale(light->sun_colour, seen);
        }
        if (light->infrared > 0) {
                struct vec dir = vec_scale(away, 1 / distance);
                float level = infrared_at(light, survey, dir, distance);
                g.direction[g.keys] = vec_scale(dir, -1);
                g.colour[g.keys++] = vec_make(level, level, level);
        }
        for (int i = 0; i < survey->scene->lamp_count && g.keys < GATHER_KEYS && light->lamps > 0;
             i++) {
                struct vec to;
                struct vec c = lamp_light(&survey->scene->lamps[i],
                                          vec_add(point, vec_make(0, 1, 0)), &to);
                g.direction[g.keys] = to;
                g.colour[g.keys++] = vec_scale(c, light->lamps);
        }
        return g;
}

struct vec light_reflect(const struct gathered *g, struct vec albedo, struct vec n)
{
        struct vec sum = vec_mix(g->below, g->above, 0.5F + 0.5F * n.y);
        for (int i = 0; i < g->keys; i++) {
                float facing = vec_dot(n, g->direction[i]);
                if (facing > 0)
                        sum = vec_add(sum, vec_scale(g->colour[i], facing));
        }
        return vec_times(sum, albedo);
}

static const uint8_t *tones(void)
{
        static _Thread_local uint8_t table[TONES];
        static _Thread_local bool made;
        if (!made) {
                for (int i = 0; i < TONES; i++) {
                        float x = (float)i * tone_range / TONES;
                        float y = powf(1 - expf(-x), 1 / 2.1F);
                        y = 0.6F * y + 0.4F * y * y * (3 - 2 * y); /* some contrast */
                        table[i] = (uint8_t)(255 * y + 0.5F);
                }
                made = true;
        }
        return table;
}

static uint8_t tone(const uint8_t *table, float linear)
{
        int at = (int)(linear * (TONES / tone_range));
        return table[at < 0 ? 0 : at >= TONES ? TONES - 1 : at];
}

void light_expose(const struct light *light, struct vec linear, float fall, uint8_t rgb[static 3])
{
        const uint8_t *table = tones();
        float gain = light->exposure * fall;
        if (light->grey) {
                float y = 0.3F * linear.x + 0.5F * linear.y + 0.2F * linear.z;
                rgb[0] = rgb[1] = rgb[2] = tone(table, y * gain);
                return;
        }
        rgb[0] = tone(table, linear.x * gain);
        rgb[1] = tone(table, linear.y * gain);
        rgb[2] = tone(table, linear.z * gain);
}

float light_fall(const struct survey *s, float x, float y)
{
        float dx = (x - (float)s->width * 0.5F) / (float)s->width;
        float dy = (y - (float)s->height * 0.5F) / (float)s->width;
        return 1 - 0.85F * (dx * dx + dy * dy);
}

static struct vec sample_albedo(const struct light *light, const struct sample *s)
{
        float r = (float)s->albedo[0] / 255;
        float g = (float)s->albedo[1] / 255;
        float b = (float)s->albedo[2] / 255;
        struct vec albedo = {r * r, g * g, b * b};
        if (!light->grey)
                return albedo;
        /* plants are bright in the near infrared */
        float green = ramp(0.95F, 1.4F, albedo.y / (albedo.x + 0.001F));
        float plant = s->kind == SAMPLE_LEAVES ? 0.9F : s->kind == SAMPLE_GROUND ? 1.1F * green : 0;
        return vec_scale(albedo, 1 + plant);
}

/* Light on one pixel of the background; `seen` is how much of the sun reaches it. */
static struct vec shine(const struct light *light, const struct survey *survey,
                        const struct sample *s, struct vec dir, float seen)
{
        struct vec n = {(float)s->normal[0] / 127, (float)s->normal[1] / 127,
                        (float)s->normal[2] / 127};
        struct vec sum = vec_mix(light->bounce, light->sky, 0.5F + 0.5F * n.y);
        float facing = most(vec_dot(n, light->sun), 0);
        if (s->kind == SAMPLE_LEAVES)
                facing = 0.25F + 0.75F * facing;
        sum = vec_add(sum, vec_scale(light->sun_colour, facing * seen));
        if (light->lamps > 0) {
                struct vec p = vec_add(survey->scene->view.eye, vec_scale(dir, s->distance));
                for (int i = 0; i < survey->scene->lamp_count; i++) {
                        struct vec to;
                        struct vec c = lamp_light(&survey->scene->lamps[i], p, &to);
                        float f = most(vec_dot(n, to), 0.06F) * light->lamps;
                        sum = vec_add(sum, vec_scale(c, f));
                }
        }
        if (light->infrared > 0) {
                float level = infrared_at(light, survey, dir, s->distance) *
                              (0.25F + 0.75F * most(-vec_dot(n, dir), 0));
                sum = vec_add(sum, vec_make(level, level, level));
        }
        struct vec out = vec_times(sum, sample_albedo(light, s));
        if (s->kind == SAMPLE_GLASS) {
                struct vec mirror = vec_sub(dir, vec_scale(n, 2 * vec_dot(n, dir)));
                mirror.y = fabsf(mirror.y) + 0.25F;
                out = vec_add(out, vec_scale(sky_colour(light, vec_unit(mirror)), 0.28F));
        }
        if (s->glow > 0) {
                float g = (float)s->glow / 255 * light->lamps;
                out = vec_add(out, vec_scale(vec_make(1.5F, 1.12F, 0.62F), g));
        }
        return out;
}

static void sunlight(const struct light *light, const struct survey *s, uint8_t *sunny)
{
        int half_width = (s->width + 1) / 2;
        int half_height = (s->height + 1) / 2;
        if (light->sun_colour.x <= 0.01F) {
                memset(sunny, 0, (size_t)half_width * (size_t)half_height);
                return;
        }
        for (int y = 0; y < half_height; y++) {
                for (int x = 0; x < half_width; x++) {
                        const struct sample *sample = &s->samples[2 * y * s->width + 2 * x];
                        float seen = 1;
                        if (sample->kind != SAMPLE_SKY) {
                                struct vec d =
                                        survey_ray(s, (float)(2 * x) + 0.5F, (float)(2 * y) + 0.5F);
                                float t = sample->distance * 0.9985F - 0.01F;
                                struct vec p = vec_add(s->scene->view.eye, vec_scale(d, t));
                                seen = survey_visibility(s->scene, p, light->sun);
                        }
                        sunny[y * half_width + x] = (uint8_t)(seen * 255);
                }
        }
}

/* Sunlight at a pixel from the four nearest values, which softens the edges of shadows. */
static float sunlight_at(const struct survey *s, const uint8_t *sunny, int x, int y)
{
        int half_width = (s->width + 1) / 2;
        int half_height = (s->height + 1) / 2;
        int x0 = x / 2;
        int y0 = y / 2;
        int x1 = x0 + 1 < half_width ? x0 + 1 : x0;
        int y1 = y0 + 1 < half_height ? y0 + 1 : y0;
        int sum = sunny[y0 * half_width + x0] + sunny[y0 * half_width + x1] +
                  sunny[y1 * half_width + x0] + sunny[y1 * half_width + x1];
        return (float)sum / (4 * 255);
}

/* A lens is not as sharp as a pixel: a little of the neighbours comes with each. Takes the row
 * above as it was; works in place. */
static void soften(const struct survey *s, uint8_t *rgb, size_t stride, uint8_t *above,
                   uint8_t *here)
{
        size_t length = (size_t)s->width * 3;
        memcpy(above, rgb, length);
        for (int y = 0; y < s->height; y++) {
                uint8_t *row = rgb + (size_t)y * stride;
                const uint8_t *below = y + 1 < s->height ? row + stride : row;
                memcpy(here, row, length);
                for (size_t i = 3; i + 3 < length; i++) {
                        int cross = here[i - 3] + here[i + 3] + above[i] + below[i];
                        row[i] = (uint8_t)((here[i] * 4 + cross + 4) / 8);
                }
                memcpy(above, here, length);
        }
}

bool light_paint(const struct light *light, const struct survey *s, uint8_t *rgb, size_t stride,
                 uint8_t *sunny, struct error *err)
{
        uint8_t *rows = malloc((size_t)s->width * 6);
        if (rows == NULL)
                return error_set(err, ERROR_FULL, "no memory for rows of %d pixels", s->width);
        sunlight(light, s, sunny);
        for (int y = 0; y < s->height; y++) {
                for (int x = 0; x < s->width; x++) {
                        const struct sample *sample = &s->samples[y * s->width + x];
                        struct vec dir = survey_ray(s, (float)x + 0.5F, (float)y + 0.5F);
                        struct vec c;
                        if (sample->kind == SAMPLE_SKY) {
                                c = sky_colour(light, dir);
                        } else {
                                c = shine(light, s, sample, dir, sunlight_at(s, sunny, x, y));
                                float haze = light->grey ? 0 : 1 - expf(-sample->distance / 700);
                                c = vec_mix(c, light->horizon, haze);
                        }
                        light_expose(light, c, light_fall(s, (float)x, (float)y),
                                     rgb + (size_t)y * stride + (size_t)x * 3);
                }
        }
        soften(s, rgb, stride, rows, rows + (size_t)s->width * 3);
        free(rows);
        return true;
}
