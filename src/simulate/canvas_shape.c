#include <assert.h>
#include <string.h>

#include "simulate/canvas.h"
#include "simulate/font.h"

/* Shapes of things that move, and letters. */

static uint8_t *pixel(const struct canvas *canvas, int x, int y)
{
        return canvas->rgb + ((size_t)y * (size_t)canvas->mosaic->padded_width + (size_t)x) * 3;
}

static void blend(uint8_t *p, const uint8_t rgb[static 3], float part)
{
        int weight = (int)(part * 256);
        for (int c = 0; c < 3; c++)
                p[c] = (uint8_t)((p[c] * (256 - weight) + rgb[c] * weight) >> 8);
}

/* Where the sun throws a point's shadow. */
static struct vec thrown(const struct canvas *canvas, struct vec p)
{
        struct vec sun = canvas->light.sun;
        float along = least(p.y / most(sun.y, 0.05F), 14);
        return vec_make(p.x - sun.x * along, 0.01F, p.z - sun.z * along);
}

static void darken(struct canvas *canvas, int x, int y, float part)
{
        if (canvas->survey->samples[y * canvas->survey->width + x].kind != SAMPLE_GROUND)
                return;
        uint8_t *m = canvas->mask + (size_t)y * (size_t)canvas->mosaic->padded_width + (size_t)x;
        uint8_t value = (uint8_t)(part * 255);
        if (value > *m)
                *m = value;
}

static void put(struct canvas *canvas, const struct brush *brush, int x, int y, struct vec normal,
                float part)
{
        struct vec c = light_reflect(brush->light, brush->albedo, normal);
        c = vec_mix(c, canvas->light.horizon, brush->light->haze);
        uint8_t rgb[3];
        light_expose(&canvas->light, c, light_fall(canvas->survey, (float)x, (float)y), rgb);
        blend(pixel(canvas, x, y), rgb, part);
}

static bool hidden(const struct canvas *canvas, const struct brush *brush, int x, int y,
                   float distance)
{
        const struct sample *s = &canvas->survey->samples[y * canvas->survey->width + x];
        return s->distance < distance - brush->reach;
}

/* A limb on the screen. */
struct stroke {
        struct spot_on_screen a, b;
        float ra, rb; /* pixels */
};

/* Part along the stroke and distance from its axis in radii; offsets in radii. */
static float across(const struct stroke *s, float px, float py, float *part_out, float *radius_out,
                    struct vec *off_out)
{
        float dx = s->b.x - s->a.x;
        float dy = s->b.y - s->a.y;
        float square = dx * dx + dy * dy;
        float t = square > 0 ? ((px - s->a.x) * dx + (py - s->a.y) * dy) / square : 0;
        t = clampf(t, 0, 1);
        float r = most(s->ra + (s->rb - s->ra) * t, 0.6F);
        float ox = (px - s->a.x - dx * t) / r;
        float oy = (py - s->a.y - dy * t) / r;
        *part_out = t;
        *radius_out = r;
        *off_out = vec_make(ox, oy, 0);
        return sqrtf(ox * ox + oy * oy);
}

static struct area stroke_area(const struct stroke *s)
{
        float r = most(most(s->ra, s->rb), 0.6F) + 1;
        return (struct area){(int)(least(s->a.x, s->b.x) - r), (int)(least(s->a.y, s->b.y) - r),
                             (int)(most(s->a.x, s->b.x) + r) + 1,
                             (int)(most(s->a.y, s->b.y) + r) + 1};
}

/* Columns that a stroke may cover in a row of pixels; much less than its area when it is long. */
static void stroke_columns(const struct stroke *s, int y, struct area *area)
{
        float r = most(most(s->ra, s->rb), 0.6F) + 1;
        float dy = s->b.y - s->a.y;
        float from = 0;
        float to = 1;
        if (dy > 0.01F || dy < -0.01F) {
                float t0 = ((float)y + 0.5F - r - s->a.y) / dy;
                float t1 = ((float)y + 0.5F + r - s->a.y) / dy;
                from = clampf(least(t0, t1), 0, 1);
                to = clampf(most(t0, t1), 0, 1);
        }
        float x0 = s->a.x + (s->b.x - s->a.x) * from;
        float x1 = s->a.x + (s->b.x - s->a.x) * to;
        int left = (int)(least(x0, x1) - r);
        int right = (int)(most(x0, x1) + r) + 1;
        area->x0 = left > area->x0 ? left : area->x0;
        area->x1 = right < area->x1 ? right : area->x1;
}

void canvas_limb(struct canvas *canvas, const struct brush *brush, struct vec from,
                 float from_radius, struct vec to, float to_radius)
{
        const struct survey *survey = canvas->survey;
        struct stroke s;
        if (brush->shadow) {
                from = thrown(canvas, from);
                to = thrown(canvas, to);
        }
        if (!survey_project(survey, from, &s.a) || !survey_project(survey, to, &s.b))
                return;
        s.ra = from_radius * s.a.scale;
        s.rb = to_radius * s.b.scale;
        struct area area = canvas_touch(canvas, stroke_area(&s));
        for (int y = area.y0; y < area.y1; y++) {
                struct area row = area;
                stroke_columns(&s, y, &row);
                for (int x = row.x0; x < row.x1; x++) {
                        float part;
                        float radius;
                        struct vec off;
                        float d =
                                across(&s, (float)x + 0.5F, (float)y + 0.5F, &part, &radius, &off);
                        float cover = clampf((1 - d) * radius + 0.5F, 0, 1);
                        if (cover <= 0)
                                continue;
                        if (brush->shadow) {
                                darken(canvas, x, y, cover);
                                continue;
                        }
                        float distance = s.a.distance + (s.b.distance - s.a.distance) * part;
                        if (hidden(canvas, brush, x, y, distance))
                                continue;
                        float depth = sqrtf(most(1 - d * d, 0.0F));
                        struct vec n = vec_add(vec_scale(survey->right, off.x),
                                               vec_scale(survey->up, -off.y));
                        n = vec_unit(vec_sub(n, vec_scale(survey->forward, depth + 0.05F)));
                        put(canvas, brush, x, y, n, cover);
                }
        }
}

/* Signed distance in pixels from the nearest edge, positive inside; corners run clockwise or
 * anticlockwise as `turn` says. */
static float inside(const struct spot_on_screen *p, int count, float turn, float x, float y)
{
        float nearest = 1e9F;
        for (int i = 0; i < count; i++) {
                const struct spot_on_screen *a = &p[i];
                const struct spot_on_screen *b = &p[(i + 1) % count];
                float dx = b->x - a->x;
                float dy = b->y - a->y;
                float length = sqrtf(dx * dx + dy * dy);
                if (length < 1e-3F)
                        continue;
                float d = turn * (dx * (y - a->y) - dy * (x - a->x)) / length;
                nearest = least(nearest, d);
        }
        return nearest;
}

static void fill(struct canvas *canvas, const struct brush *brush, const struct spot_on_screen *p,
                 int count, struct vec normal)
{
        float twice = 0;
        float distance = 0;
        struct area area = {1 << 20, 1 << 20, -(1 << 20), -(1 << 20)};
        for (int i = 0; i < count; i++) {
                const struct spot_on_screen *q = &p[(i + 1) % count];
                twice += p[i].x * q->y - q->x * p[i].y;
                distance += p[i].distance / (float)count;
                area.x0 = p[i].x - 1 < (float)area.x0 ? (int)p[i].x - 1 : area.x0;
                area.y0 = p[i].y - 1 < (float)area.y0 ? (int)p[i].y - 1 : area.y0;
                area.x1 = p[i].x + 2 > (float)area.x1 ? (int)p[i].x + 2 : area.x1;
                area.y1 = p[i].y + 2 > (float)area.y1 ? (int)p[i].y + 2 : area.y1;
        }
        float turn = twice > 0 ? 1 : -1;
        area = canvas_touch(canvas, area);
        struct vec c = {0};
        uint8_t rgb[3];
        if (!brush->shadow) {
                c = light_reflect(brush->light, brush->albedo, normal);
                c = vec_mix(c, canvas->light.horizon, brush->light->haze);
                light_expose(&canvas->light, c, light_fall(canvas->survey, p[0].x, p[0].y), rgb);
        }
        for (int y = area.y0; y < area.y1; y++) {
                for (int x = area.x0; x < area.x1; x++) {
                        float d = inside(p, count, turn, (float)x + 0.5F, (float)y + 0.5F);
                        float cover = clampf(d + 0.5F, 0, 1);
                        if (cover <= 0)
                                continue;
                        if (brush->shadow)
                                darken(canvas, x, y, cover);
                        else if (!hidden(canvas, brush, x, y, distance))
                                blend(pixel(canvas, x, y), rgb, cover);
                }
        }
}

void canvas_face(struct canvas *canvas, const struct brush *brush, const struct vec *corners,
                 int count, struct vec normal)
{
        assert(count <= CANVAS_CORNERS);
        struct spot_on_screen p[CANVAS_CORNERS] = {0};
        struct vec eye = canvas->survey->scene->view.eye;
        if (!brush->shadow && vec_dot(normal, vec_sub(eye, corners[0])) <= 0)
                return;
        for (int i = 0; i < count; i++) {
                struct vec corner = brush->shadow ? thrown(canvas, corners[i]) : corners[i];
                if (!survey_project(canvas->survey, corner, &p[i]))
                        return;
        }
        fill(canvas, brush, p, count, normal);
}

void canvas_text(struct canvas *canvas, int x, int y, int scale, const char *text)
{
        int length = (int)strlen(text);
        struct area box = {x, y, x + (length * (FONT_WIDTH + 1) + 1) * scale,
                           y + (FONT_HEIGHT + 2) * scale};
        box = canvas_touch(canvas, box);
        for (int py = box.y0; py < box.y1; py++) {
                int row = (py - y) / scale - 1;
                for (int px = box.x0; px < box.x1; px++) {
                        int column = (px - x) / scale - 1;
                        int dot = column < 0 ? FONT_WIDTH : column % (FONT_WIDTH + 1);
                        bool lit = row >= 0 && row < FONT_HEIGHT && dot < FONT_WIDTH &&
                                   (font_row(text[column / (FONT_WIDTH + 1)], row) >>
                                            (FONT_WIDTH - 1 - dot) &
                                    1);
                        memset(pixel(canvas, px, py), lit ? 245 : 6, 3);
                }
        }
}
