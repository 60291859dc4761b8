#include "simulate/material.h"

#include "simulate/noise.h"

/* Position on a surface: along it and up it, metres. */
struct spot {
        float u, v;
        float distance;
};

static float fraction(float x)
{
        return x - floorf(x);
}

/* 1 within a line of `width` around whole multiples of `pitch`, fading with distance. */
static float joint(float at, float pitch, float width, float distance)
{
        float off = fabsf(fraction(at / pitch + 0.5F) - 0.5F) * pitch;
        float soft = width + distance * 0.0012F;
        return (1 - ramp(width * 0.5F, soft, off)) * clampf(14 * width / (soft + 13 * width), 0, 1);
}

static struct vec shade(struct vec colour, float factor)
{
        return vec_scale(colour, factor);
}

static float grain(struct spot s, uint32_t seed)
{
        return cell_noise((int)floorf(s.u * 90), (int)floorf(s.v * 90), seed) /
                       (1 + s.distance * 0.06F) -
               0.5F / (1 + s.distance * 0.06F);
}

static struct vec asphalt(const struct look *look, struct spot s)
{
        float wear = fractal2(s.u * 0.35F, s.v * 0.35F, 4, look->seed);
        float crack = ramp(0.035F, 0.0F,
                           fabsf(fractal2(s.u * 0.5F, s.v * 0.5F, 3, look->seed + 9) - 0.5F));
        float f = 0.72F + 0.5F * wear + 0.45F * grain(s, look->seed) - 0.14F * crack;
        float oil = ramp(0.68F, 0.8F, noise2(s.u * 0.8F, s.v * 0.8F, look->seed + 5));
        return shade(look->tint, f * (1 - 0.3F * oil));
}

static struct vec grass(const struct look *look, struct spot s)
{
        float large = fractal2(s.u * 0.25F, s.v * 0.25F, 3, look->seed);
        float blade = fractal2(s.u * 10, s.v * 7, 3, look->seed + 3);
        float mown = 0.06F * sinf(s.u * 2.4F + 0.4F * large);
        struct vec dry = vec_make(look->tint.x * 1.9F, look->tint.y * 1.2F, look->tint.z * 1.2F);
        struct vec base = vec_mix(look->tint, dry, ramp(0.4F, 0.75F, large));
        float near = 1 / (1 + s.distance * 0.03F);
        return shade(base, 0.55F + mown + 0.30F * large + 0.75F * blade * near +
                                   0.45F * grain(s, look->seed));
}

static struct vec slabs(const struct look *look, struct spot s)
{
        float pitch = 0.6F;
        float row = floorf(s.v / pitch);
        float u = s.u + (((int)row & 1) ? pitch / 2 : 0);
        float gap =
                most(joint(u, pitch, 0.018F, s.distance), joint(s.v, pitch, 0.018F, s.distance));
        float each = cell_noise((int)floorf(u / pitch + 0.5F), (int)floorf(s.v / pitch + 0.5F),
                                look->seed);
        float stain = fractal2(s.u * 0.5F, s.v * 0.5F, 3, look->seed + 2);
        float f = 0.72F + 0.18F * each + 0.3F * stain + 0.22F * grain(s, look->seed);
        return shade(look->tint, f * (1 - 0.45F * gap));
}

static struct vec gravel(const struct look *look, struct spot s)
{
        float stones = noise2(s.u * 14, s.v * 14, look->seed);
        float track = fractal2(s.u * 0.6F, s.v * 0.2F, 3, look->seed + 1);
        return shade(look->tint, 0.5F + 0.55F * stones / (1 + s.distance * 0.02F) + 0.45F * track +
                                         0.6F * grain(s, look->seed));
}

static struct vec brick(const struct look *look, struct spot s)
{
        float row = floorf(s.v / 0.085F);
        float u = s.u + (((int)row & 1) ? 0.125F : 0);
        float gap = most(joint(u, 0.25F, 0.012F, s.distance),
                         joint(s.v + 0.0425F, 0.085F, 0.012F, s.distance));
        float each = cell_noise((int)floorf(u / 0.25F + 0.5F), (int)row, look->seed);
        float stain = fractal2(s.u * 0.4F, s.v * 0.25F, 3, look->seed + 1);
        float fine = 1 / (1 + s.distance * 0.03F);
        struct vec stone = shade(look->tint, 0.72F + 0.35F * each * fine + 0.3F * stain);
        return vec_mix(stone, vec_make(0.42F, 0.39F, 0.35F), 0.65F * gap);
}

static struct vec plaster(const struct look *look, struct spot s)
{
        float streak = fractal2(s.u * 1.6F, s.v * 0.22F, 3, look->seed);
        float stain = fractal2(s.u * 0.3F, s.v * 0.3F, 3, look->seed + 1);
        float damp = 1 - ramp(0.0F, 0.7F, s.v + 0.35F * streak);
        return shade(look->tint, 0.82F + 0.14F * streak + 0.14F * stain - 0.16F * damp +
                                         0.08F * grain(s, look->seed));
}

static struct vec boards(const struct look *look, struct spot s, bool upright)
{
        float across = upright ? s.u : s.v;
        float along = upright ? s.v : s.u;
        float gap = joint(across, 0.16F, 0.014F, s.distance);
        float each = cell_noise((int)floorf(across / 0.16F + 0.5F), 3, look->seed);
        float fibre = fractal2(across * 22, along * 1.1F, 2, look->seed + 4);
        return shade(look->tint, (0.72F + 0.22F * each + 0.3F * fibre) * (1 - 0.6F * gap));
}

/* Panes, and behind them shelves with goods before a bright wall. */
static struct surface shop_window(const struct look *look, struct spot s)
{
        if (joint(s.u, 1.2F, 0.06F, s.distance) > 0.5F)
                return (struct surface){vec_make(0.08F, 0.09F, 0.09F), 0, false};
        float shelf = s.v / 0.46F;
        float board = fraction(shelf);
        int row = (int)floorf(shelf);
        float wide = 0.09F + 0.12F * cell_noise(row, 1, look->seed);
        int piece = (int)floorf(s.u / wide);
        float own = cell_noise(piece, row, look->seed + 3);
        float hue = cell_noise(piece, row, look->seed + 4);
        float light = 0.55F + 0.35F * noise2(s.u * 0.8F, 0, look->seed);
        if (board < 0.07F)
                light *= 0.25F;
        else if (s.v < 1.9F && board < 0.25F + 0.6F * own && own > 0.2F)
                light *= 0.12F + 0.55F * hue;
        struct vec colour =
                vec_make(look->tint.x * (0.6F + hue), look->tint.y, look->tint.z * (1.5F - hue));
        return (struct surface){shade(colour, 0.4F + light), light, true};
}

static struct vec roof_tiles(const struct look *look, struct spot s)
{
        float row = joint(s.v, 0.34F, 0.045F, s.distance);
        float wave = 0.5F + 0.5F * sinf(s.u * 6.2832F / 0.3F) / (1 + s.distance * 0.05F);
        float each =
                cell_noise((int)floorf(s.u / 0.3F), (int)floorf(s.v / 0.34F + 0.5F), look->seed);
        float moss = fractal2(s.u * 0.4F, s.v * 0.4F, 3, look->seed + 1);
        return shade(look->tint,
                     (0.6F + 0.22F * wave + 0.16F * each + 0.3F * moss) * (1 - 0.45F * row));
}

static struct vec shutter(const struct look *look, struct spot s)
{
        float rib = 0.5F + 0.5F * cosf(s.v * 6.2832F / 0.12F) / (1 + s.distance * 0.04F);
        float dirt = fractal2(s.u * 0.9F, s.v * 0.3F, 3, look->seed);
        return shade(look->tint, 0.62F + 0.25F * rib + 0.28F * dirt);
}

static struct surface leaves(const struct look *look, struct vec p)
{
        float fine = noise3(p.x * 17, p.y * 17, p.z * 17, look->seed);
        float clump = noise3(p.x * 2.2F, p.y * 2.2F, p.z * 2.2F, look->seed + 1);
        float f = 0.25F + 1.1F * fine * fine + 0.55F * clump;
        struct vec young = vec_make(look->tint.x * 1.5F, look->tint.y * 1.25F, look->tint.z);
        return (struct surface){shade(vec_mix(look->tint, young, clump), f), 0, false};
}

/* Windows in a wall: a grid of frames, sills and panes; some are lit at night. */
static bool window_at(const struct look *look, struct spot s, struct surface *surface_out)
{
        float column = floorf(s.u / look->window_every);
        float row = floorf(s.v / look->storey);
        float x = s.u - (column + 0.5F) * look->window_every;
        float y = s.v - row * look->storey;
        float wide = least(0.62F, look->window_every * 0.3F);
        float low = look->storey * 0.32F;
        float high = look->storey * 0.84F;
        if (fabsf(x) > wide + 0.1F || y < low - 0.12F || y > high + 0.08F)
                return false;
        float own = cell_noise((int)column, (int)row, look->seed + 77);
        if (fabsf(x) > wide || y < low || y > high) {
                float sill = y < low ? 0.62F : 0.78F;
                *surface_out = (struct surface){vec_make(sill, sill, sill * 0.97F), 0, false};
                return true;
        }
        bool bar = fabsf(x) < 0.03F || fabsf(x) > wide - 0.05F || y > high - 0.05F ||
                   y < low + 0.05F || fabsf(y - low - (high - low) * 0.62F) < 0.025F;
        if (bar) {
                *surface_out = (struct surface){vec_make(0.7F, 0.7F, 0.68F), 0, false};
                return true;
        }
        bool curtain = own > 0.55F && fabsf(x) > wide * (0.3F + 0.5F * own);
        float dark = 0.035F + 0.03F * own + (curtain ? 0.3F : 0);
        float lit = own > 0.74F ? 0.55F + 0.45F * own - (curtain ? 0.25F : 0) : 0;
        *surface_out = (struct surface){vec_make(dark, dark * 1.05F, dark * 1.1F), lit, !curtain};
        return true;
}

static struct spot spot_on(struct vec p, struct vec n, float distance)
{
        if (n.y > 0.92F)
                return (struct spot){p.x, p.z, distance};
        float u = fabsf(n.x) > fabsf(n.z) ? p.z : p.x;
        float steep = sqrtf(most(1 - n.y * n.y, 0.05F));
        return (struct spot){u, p.y / steep, distance};
}

struct surface material_at(const struct look *look, struct vec point, struct vec normal,
                           float distance)
{
        struct spot s = spot_on(point, normal, distance);
        struct surface surface = {look->tint, 0, false};
        if (look->window_every > 0 && fabsf(normal.y) < 0.1F && window_at(look, s, &surface))
                return surface;
        switch (look->material) {
        case MATERIAL_ASPHALT: surface.albedo = asphalt(look, s); break;
        case MATERIAL_GRASS: surface.albedo = grass(look, s); break;
        case MATERIAL_SLABS: surface.albedo = slabs(look, s); break;
        case MATERIAL_GRAVEL:
        case MATERIAL_SOIL: surface.albedo = gravel(look, s); break;
        case MATERIAL_PAINT:
        case MATERIAL_CONCRETE: surface.albedo = asphalt(look, s); break;
        case MATERIAL_BRICK: surface.albedo = brick(look, s); break;
        case MATERIAL_PLASTER: surface.albedo = plaster(look, s); break;
        case MATERIAL_BARK:
        case MATERIAL_BOARDS: surface.albedo = boards(look, s, true); break;
        case MATERIAL_TILES: surface.albedo = roof_tiles(look, s); break;
        case MATERIAL_SHUTTER: surface.albedo = shutter(look, s); break;
        case MATERIAL_GLASS: surface = shop_window(look, s); break;
        case MATERIAL_LEAVES: return leaves(look, point);
        case MATERIAL_LAMP: surface.glow = 1; break;
        case MATERIAL_METAL:
        case MATERIALS: break;
        }
        return surface;
}
