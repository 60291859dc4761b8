#include "simulate/actor.h"

/* A car: a side seen in profile, drawn out to its width, narrower above. */

enum { PROFILE = 11, WHEEL_CORNERS = 14 };

struct outline {
        float ahead[PROFILE], up[PROFILE];
        float wheel[2];     /* where the axles are */
        int glass_from[2];  /* pieces of the profile that are glass */
        float waist;        /* height of the lower edge of the windows */
        float roof_in;      /* metres by which the roof is narrower on each side */
        float window[4][2]; /* corners of the side windows */
};

static const struct outline saloon = {
        {-2.12F, -2.15F, -2.02F, -1.45F, -0.98F, -0.20F, 0.32F, 1.02F, 1.86F, 2.10F, 2.14F},
        {0.34F, 0.74F, 0.97F, 1.02F, 1.40F, 1.46F, 1.42F, 0.99F, 0.83F, 0.62F, 0.34F},
        {-1.32F, 1.36F},
        {3, 6},
        0.99F,
        0.17F,
        {{-1.30F, 1.02F}, {-0.93F, 1.36F}, {0.28F, 1.38F}, {0.86F, 1.01F}},
};

static const struct outline van = {
        {-2.55F, -2.58F, -2.56F, -2.50F, -2.30F, 0.50F, 1.15F, 1.72F, 2.38F, 2.52F, 2.54F},
        {0.38F, 0.90F, 1.40F, 1.96F, 2.04F, 2.06F, 1.98F, 1.20F, 1.02F, 0.70F, 0.38F},
        {-1.55F, 1.65F},
        {99, 6},
        1.22F,
        0.08F,
        {{0.55F, 1.24F}, {0.55F, 1.78F}, {1.16F, 1.78F}, {1.56F, 1.24F}},
};

struct body {
        struct canvas *canvas;
        const struct actor *actor;
        const struct pose *pose;
        struct brush *brush;
        const struct outline *outline;
};

static struct vec at(const struct body *b, float ahead, float side, float up)
{
        struct vec h = b->pose->heading;
        struct vec p = b->pose->place;
        return vec_make(p.x + h.x * ahead + h.z * side, p.y + up, p.z + h.z * ahead - h.x * side);
}

static float half_width(const struct outline *o, float up)
{
        return 0.88F - o->roof_in * ramp(o->waist, 1.5F * o->waist, up);
}

static void face(const struct body *b, const struct vec *corners, int count, struct vec toward,
                 struct vec colour)
{
        struct vec n = vec_unit(
                vec_cross(vec_sub(corners[1], corners[0]), vec_sub(corners[2], corners[0])));
        if (vec_dot(n, toward) < 0)
                n = vec_scale(n, -1);
        b->brush->albedo = colour;
        canvas_face(b->canvas, b->brush, corners, count, n);
}

static void strip(const struct body *b, int i)
{
        const struct outline *o = b->outline;
        float w0 = half_width(o, o->up[i]);
        float w1 = half_width(o, o->up[i + 1]);
        struct vec corners[4] = {
                at(b, o->ahead[i], -w0, o->up[i]),
                at(b, o->ahead[i], w0, o->up[i]),
                at(b, o->ahead[i + 1], w1, o->up[i + 1]),
                at(b, o->ahead[i + 1], -w1, o->up[i + 1]),
        };
        bool glass = i == o->glass_from[0] || i == o->glass_from[1];
        struct vec centre = at(b, 0, 0, 0.5F);
        struct vec toward = vec_sub(vec_mix(corners[0], corners[2], 0.5F), centre);
        face(b, corners, 4, toward, glass ? vec_make(0.09F, 0.10F, 0.115F) : b->actor->coat);
}

static void wheel(const struct body *b, float ahead, float side, struct vec toward)
{
        struct vec rim[WHEEL_CORNERS];
        for (int ring = 0; ring < 2; ring++) {
                float r = ring == 0 ? 0.33F : 0.19F;
                for (int i = 0; i < WHEEL_CORNERS; i++) {
                        float t = 6.2832F * (float)i / WHEEL_CORNERS;
                        rim[i] = at(b, ahead + r * cosf(t), side, 0.33F + r * sinf(t));
                }
                float c = ring == 0 ? 0.025F : 0.22F;
                face(b, rim, WHEEL_CORNERS, toward, vec_make(c, c, c));
        }
}

static void flank(const struct body *b, float side)
{
        const struct outline *o = b->outline;
        struct vec toward = vec_sub(at(b, 0, side, 1), at(b, 0, 0, 1));
        struct vec corners[CANVAS_CORNERS];
        /* below the waist, then what is above it */
        int count = 0;
        int top[PROFILE] = {0};
        int tops = 0;
        for (int i = 0; i < PROFILE; i++) {
                if (o->up[i] > o->waist + 0.06F)
                        top[tops++] = i;
                float up = least(o->up[i], o->waist);
                corners[count++] = at(b, o->ahead[i], side * half_width(o, up), up);
        }
        face(b, corners, count, toward, b->actor->coat);
        count = 0;
        corners[count++] =
                at(b, o->ahead[top[0] - 1], side * 0.88F, least(o->up[top[0] - 1], o->waist));
        for (int i = 0; i < tops; i++)
                corners[count++] =
                        at(b, o->ahead[top[i]], side * half_width(o, o->up[top[i]]), o->up[top[i]]);
        corners[count++] = at(b, o->ahead[top[tops - 1] + 1], side * 0.88F,
                              least(o->up[top[tops - 1] + 1], o->waist));
        face(b, corners, count, toward, b->actor->coat);
        if (b->brush->shadow)
                return;
        for (int i = 0; i < 4; i++)
                corners[i] = at(b, o->window[i][0], side * (half_width(o, o->window[i][1]) + 0.01F),
                                o->window[i][1]);
        face(b, corners, 4, toward, vec_make(0.05F, 0.055F, 0.065F));
        struct vec sill[4] = {at(b, o->ahead[1], side * 0.885F, 0.34F),
                              at(b, o->ahead[PROFILE - 2], side * 0.885F, 0.34F),
                              at(b, o->ahead[PROFILE - 2], side * 0.885F, 0.46F),
                              at(b, o->ahead[1], side * 0.885F, 0.46F)};
        face(b, sill, 4, toward, vec_scale(b->actor->coat, 0.45F));
        wheel(b, o->wheel[0], side * 0.89F, toward);
        wheel(b, o->wheel[1], side * 0.89F, toward);
}

static void lights(const struct body *b)
{
        const struct outline *o = b->outline;
        float on = b->canvas->light.lamps;
        for (int end = 0; end < 2; end++) {
                bool front = end == 1;
                float ahead = front ? o->ahead[PROFILE - 2] + 0.03F : o->ahead[1] - 0.02F;
                float up = 0.70F;
                struct vec toward = vec_scale(b->pose->heading, front ? 1.0F : -1.0F);
                for (int side = -1; side <= 1; side += 2) {
                        float s = (float)side;
                        struct vec lamp[4] = {at(b, ahead, s * 0.52F, up - 0.08F),
                                              at(b, ahead, s * 0.80F, up - 0.08F),
                                              at(b, ahead, s * 0.80F, up + 0.08F),
                                              at(b, ahead, s * 0.52F, up + 0.08F)};
                        face(b, lamp, 4, toward,
                             front ? vec_make(0.6F, 0.6F, 0.6F) : vec_make(0.3F, 0.02F, 0.02F));
                        struct vec place = at(b, ahead, s * 0.66F, up);
                        struct vec eye =
                                vec_unit(vec_sub(b->canvas->survey->scene->view.eye, place));
                        float facing = vec_dot(eye, toward);
                        if (on < 0.3F || facing < 0.02F)
                                continue;
                        struct spot_on_screen where;
                        if (!survey_project(b->canvas->survey, place, &where))
                                continue;
                        float radius = (front ? 0.9F + 0.9F * facing : 0.35F) * where.scale;
                        struct vec c =
                                front ? vec_make(1.0F, 0.96F, 0.84F) : vec_make(0.8F, 0.08F, 0.05F);
                        if (b->canvas->light.grey)
                                c = front ? vec_make(1, 1, 1) : vec_make(0.4F, 0.4F, 0.4F);
                        canvas_glow(b->canvas, place, clampf(radius, 4, 130), vec_scale(c, on));
                }
        }
}

static void body_below(const struct body *b)
{
        if (b->brush->shadow)
                return;
        for (int i = -1; i <= 1; i++)
                canvas_contact(b->canvas, at(b, 1.3F * (float)i, 0, 0), 1.25F, 0.5F);
}

void draw_car(struct canvas *canvas, const struct actor *actor, const struct pose *pose,
              struct brush *brush)
{
        struct body b = {canvas, actor, pose, brush, actor->van ? &van : &saloon};
        struct vec to = vec_sub(canvas->survey->scene->view.eye, pose->place);
        float near = to.x * pose->heading.z - to.z * pose->heading.x > 0 ? 1.0F : -1.0F;
        if (!brush->shadow && canvas->light.lamps > 0.3F)
                canvas_beam(canvas, at(&b, 2.1F, 0, 0), pose->heading, canvas->light.lamps);
        body_below(&b);
        bool leaving = vec_dot(to, pose->heading) < 0;
        for (int i = 0; i < PROFILE - 1; i++)
                strip(&b, leaving ? PROFILE - 2 - i : i);
        flank(&b, near);
        if (!brush->shadow)
                lights(&b);
}
