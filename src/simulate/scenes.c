#include <string.h>

#include "simulate/scene_parts.h"

/* The scenes. Each stands before a camera at x = 0, z = 0 some metres up. */

#define BIT(kind) (1U << (kind))
#define ROUTE(scene, kinds, pause_at, ...)                                                         \
        add_route(scene, kinds, pause_at,                                                          \
                  (int)(sizeof((struct vec[]){__VA_ARGS__}) / sizeof(struct vec)),                 \
                  (struct vec[]){__VA_ARGS__})

static const struct vec green = {0.075F, 0.115F, 0.035F};
static const struct vec dark_green = {0.045F, 0.08F, 0.03F};
static const struct vec olive = {0.11F, 0.115F, 0.04F};
static const struct vec sodium = {20, 12, 5};
static const struct vec white_lamp = {17, 17, 16};

static struct look asphalt(void)
{
        return look_of(MATERIAL_ASPHALT, 0.105F, 0.105F, 0.11F);
}

static struct look lawn(void)
{
        return look_of(MATERIAL_GRASS, 0.07F, 0.12F, 0.035F);
}

static struct look concrete(void)
{
        return look_of(MATERIAL_CONCRETE, 0.33F, 0.32F, 0.30F);
}

static struct look kerb(void)
{
        return look_of(MATERIAL_CONCRETE, 0.42F, 0.41F, 0.39F);
}

static struct look paint(void)
{
        return look_of(MATERIAL_PAINT, 0.62F, 0.62F, 0.58F);
}

static struct look roof_red(void)
{
        return look_of(MATERIAL_TILES, 0.30F, 0.13F, 0.08F);
}

static struct look roof_grey(void)
{
        return look_of(MATERIAL_TILES, 0.12F, 0.12F, 0.13F);
}

static void dashes(struct scene *scene, float x0, float x1, float z)
{
        for (int i = 0; x0 + 6 * (float)i < x1; i++) {
                float x = x0 + 6 * (float)i;
                add_patch(scene, x, z - 0.07F, x + 2.5F, z + 0.07F, paint());
        }
}

/* A road from left to right, with kerbs, pavements and a dashed line. */
static void road(struct scene *scene, float z0, float z1)
{
        add_patch(scene, -200, z0 - 2.2F, 200, z1 + 2.2F,
                  look_of(MATERIAL_SLABS, 0.36F, 0.35F, 0.33F));
        add_patch(scene, -200, z0 - 0.2F, 200, z1 + 0.2F, kerb());
        add_patch(scene, -200, z0, 200, z1, asphalt());
        dashes(scene, -44, 44, (z0 + z1) / 2);
}

static void courtyard(struct scene *s, struct rng *rng)
{
        s->view = (struct view){{0, 5.2F, 0}, 0.16F, 0.33F, 0.82F};
        s->ground = lawn();
        add_patch(s, -30, -10, 13.6F, 30, look_of(MATERIAL_SLABS, 0.38F, 0.36F, 0.32F));
        struct look wall = look_windows(look_of(MATERIAL_PLASTER, 0.62F, 0.54F, 0.42F), 2.7F, 3.1F);
        struct look wing = look_windows(look_of(MATERIAL_BRICK, 0.34F, 0.17F, 0.12F), 2.9F, 3.1F);
        struct look door = look_of(MATERIAL_BOARDS, 0.13F, 0.09F, 0.06F);
        add_house(s, vec_make(-12, 0, 23), vec_make(18, 6.4F, 32), wall,
                  (struct roof){roof_red(), 3.4F, true});
        add_house(s, vec_make(-17, 0, 8), vec_make(-8.5F, 6.3F, 23), wing,
                  (struct roof){roof_grey(), 3.0F, false});
        add_box(s, vec_make(3.6F, 0, 22.85F), vec_make(5.2F, 2.4F, 23), door, door);
        add_box(s, vec_make(3.0F, 2.55F, 21.9F), vec_make(5.8F, 2.7F, 23), roof_grey(),
                roof_grey());
        add_box(s, vec_make(2.8F, 0, 22.1F), vec_make(6.0F, 0.18F, 23), kerb(), kerb());
        add_box(s, vec_make(13.5F, 0, 9), vec_make(14, 2.6F, 23),
                look_of(MATERIAL_PLASTER, 0.5F, 0.48F, 0.44F), kerb());
        add_patch(s, -4.6F, 9.6F, 1.6F, 16.6F, kerb());
        add_patch(s, -4.5F, 9.7F, 1.5F, 16.5F, lawn());
        add_patch(s, 8.0F, 10, 13, 20, kerb());
        add_patch(s, 8.1F, 10.1F, 12.9F, 19.9F, lawn());
        add_tree(s, rng, -2.2F, 13.4F, 6.8F, green);
        add_tree(s, rng, 11.2F, 17, 5.6F, olive);
        add_tree(s, rng, 24, 22, 8.5F, dark_green);
        add_tree(s, rng, 30, 34, 10, green);
        add_hedge(s, rng, vec_make(8.6F, 0, 10.8F), vec_make(8.6F, 0, 15.8F), 1.0F, dark_green);
        add_hedge(s, rng, vec_make(-8.0F, 0, 10), vec_make(-8.0F, 0, 15), 0.9F, dark_green);
        struct look bench = look_of(MATERIAL_BOARDS, 0.26F, 0.17F, 0.10F);
        add_box(s, vec_make(2.2F, 0.42F, 13.2F), vec_make(2.7F, 0.48F, 15.0F), bench, bench);
        add_box(s, vec_make(2.25F, 0, 13.3F), vec_make(2.65F, 0.42F, 13.45F), bench, bench);
        add_box(s, vec_make(2.25F, 0, 14.8F), vec_make(2.65F, 0.42F, 14.9F), bench, bench);
        add_lamp(s, vec_make(2.2F, 3.2F, 9.4F), sodium, true);
        add_lamp(s, vec_make(6.3F, 2.9F, 22.7F), vec_make(12, 9, 5), false);
        unsigned foot = BIT(ACTOR_PERSON) | BIT(ACTOR_CAT);
        ROUTE(s, BIT(ACTOR_PERSON), 2, {6.5F, 0, 2}, {5.2F, 0, 12}, {4.4F, 0, 21.2F},
              {4.4F, 0, 21.8F});
        ROUTE(s, foot, 0, {-7, 0, 8.2F}, {0, 0, 8.3F}, {7, 0, 9}, {13.2F, 0, 8.5F});
        ROUTE(s, foot, 0, {-8.2F, 0, 18.4F}, {0, 0, 18.6F}, {13.2F, 0, 20.8F});
        ROUTE(s, BIT(ACTOR_BIRD), 0, {-12, 6.5F, 16}, {0, 4.2F, 15}, {14, 7.5F, 18});
        add_window(s, "door", 0.42F, 0.34F, 0.66F, 0.60F);
        add_window(s, "lawn", 0.02F, 0.58F, 0.52F, 0.94F);
        add_window(s, "path", 0.52F, 0.60F, 0.98F, 0.94F);
        add_window(s, "passage", 0.16F, 0.36F, 0.42F, 0.56F);
}

static void gate(struct scene *s, struct rng *rng)
{
        s->view = (struct view){{1.2F, 4.4F, 0}, -0.10F, 0.26F, 0.80F};
        s->ground = lawn();
        struct look pillar = look_of(MATERIAL_BRICK, 0.36F, 0.16F, 0.10F);
        struct look iron = look_of(MATERIAL_METAL, 0.03F, 0.03F, 0.035F);
        struct look cap = kerb();
        road(s, 21, 28);
        add_patch(s, -2.4F, -5, 2.4F, 21, look_of(MATERIAL_GRAVEL, 0.33F, 0.29F, 0.23F));
        for (int side = -1; side <= 1; side += 2) {
                float x = (float)side * 2.9F;
                add_box(s, vec_make(x - 0.35F, 0, 15.6F), vec_make(x + 0.35F, 2.2F, 16.3F), pillar,
                        cap);
                add_box(s, vec_make(x - 0.42F, 2.2F, 15.53F), vec_make(x + 0.42F, 2.32F, 16.37F),
                        cap, cap);
                float far = (float)side * 17;
                float low = least(x + (float)side * 0.35F, far);
                float high = most(x + (float)side * 0.35F, far);
                add_box(s, vec_make(low, 0, 15.8F), vec_make(high, 1.5F, 16.1F), pillar, cap);
        }
        /* the leaves of the gate stand open, inwards */
        for (int i = 0; i < 8; i++) {
                float z = 13.3F + 0.3F * (float)i;
                add_box(s, vec_make(-2.6F, 0.1F, z), vec_make(-2.57F, 1.9F, z + 0.035F), iron,
                        iron);
                add_box(s, vec_make(2.57F, 0.1F, z), vec_make(2.6F, 1.9F, z + 0.035F), iron, iron);
        }
        for (int i = 0; i < 2; i++) {
                float y = 0.25F + 1.4F * (float)i;
                add_box(s, vec_make(-2.61F, y, 13.3F), vec_make(-2.56F, y + 0.06F, 15.6F), iron,
                        iron);
                add_box(s, vec_make(2.56F, y, 13.3F), vec_make(2.61F, y + 0.06F, 15.6F), iron,
                        iron);
        }
        struct look house = look_windows(look_of(MATERIAL_PLASTER, 0.66F, 0.62F, 0.54F), 3, 2.9F);
        struct look other = look_windows(look_of(MATERIAL_BRICK, 0.36F, 0.20F, 0.14F), 3.1F, 2.9F);
        add_house(s, vec_make(-24, 0, 36), vec_make(-10, 5.8F, 45), house,
                  (struct roof){roof_red(), 3.6F, true});
        add_house(s, vec_make(4, 0, 37), vec_make(17, 5.8F, 46), other,
                  (struct roof){roof_grey(), 3.4F, true});
        add_hedge(s, rng, vec_make(-9, 0, 33), vec_make(3, 0, 33), 1.6F, dark_green);
        add_tree(s, rng, -8.2F, 11.5F, 6.4F, green);
        add_tree(s, rng, 9.5F, 19.0F, 7.2F, olive);
        add_tree(s, rng, -1.5F, 40, 9.5F, dark_green);
        add_tree(s, rng, 24, 40, 9, green);
        add_hedge(s, rng, vec_make(4.2F, 0, 8), vec_make(4.2F, 0, 14), 0.8F, green);
        add_lamp(s, vec_make(-6.5F, 5.4F, 19.6F), sodium, true);
        add_lamp(s, vec_make(2.9F, 2.4F, 15.9F), vec_make(7, 5.5F, 3.4F), false);
        add_lamp(s, vec_make(-2.9F, 2.4F, 15.9F), vec_make(7, 5.5F, 3.4F), false);
        ROUTE(s, BIT(ACTOR_CAR), 0, {-46, 0, 26.2F}, {46, 0, 26.2F});
        ROUTE(s, BIT(ACTOR_CAR), 0, {46, 0, 22.8F}, {-46, 0, 22.8F});
        ROUTE(s, BIT(ACTOR_PERSON), 2, {-14, 0, 19.6F}, {-1, 0, 19.4F}, {-0.5F, 0, 14.8F},
              {0.6F, 0, 3});
        ROUTE(s, BIT(ACTOR_CAR), 0, {18, 0, 22.8F}, {4, 0, 22.4F}, {0.4F, 0, 19}, {0, 0, 12},
              {0, 0, -3});
        ROUTE(s, BIT(ACTOR_PERSON) | BIT(ACTOR_FOX), 0, {-16, 0, 19.9F}, {20, 0, 19.9F});
        ROUTE(s, BIT(ACTOR_CAT) | BIT(ACTOR_FOX), 0, {-9, 0, 10}, {-2, 0, 9.4F}, {4, 0, 7.0F},
              {9, 0, 7});
        ROUTE(s, BIT(ACTOR_BIRD), 0, {-14, 7, 20}, {4, 4.6F, 14}, {16, 8, 22});
        add_window(s, "gate", 0.36F, 0.36F, 0.68F, 0.60F);
        add_window(s, "drive", 0.30F, 0.60F, 0.74F, 0.97F);
        add_window(s, "street left", 0.01F, 0.27F, 0.36F, 0.42F);
        add_window(s, "street right", 0.68F, 0.27F, 0.99F, 0.42F);
}

static void driveway(struct scene *s, struct rng *rng)
{
        s->view = (struct view){{0, 4.0F, 0}, 0.06F, 0.27F, 0.78F};
        s->ground = lawn();
        road(s, 24, 31);
        add_patch(s, 0.8F, 3, 6.4F, 23.8F, concrete());
        add_patch(s, 3.55F, 3, 3.6F, 23.8F, look_of(MATERIAL_SOIL, 0.12F, 0.10F, 0.08F));
        struct look wall = look_windows(look_of(MATERIAL_BOARDS, 0.60F, 0.60F, 0.56F), 0, 0);
        struct look home = look_windows(look_of(MATERIAL_PLASTER, 0.55F, 0.58F, 0.60F), 3.2F, 2.8F);
        struct look shutter = look_of(MATERIAL_SHUTTER, 0.62F, 0.62F, 0.60F);
        add_house(s, vec_make(7.2F, 0, 9), vec_make(15, 3.0F, 17), wall,
                  (struct roof){roof_grey(), 2.2F, false});
        add_box(s, vec_make(7.1F, 0, 10.2F), vec_make(7.2F, 2.3F, 13.0F), shutter, shutter);
        add_box(s, vec_make(7.1F, 0, 13.5F), vec_make(7.2F, 2.3F, 16.3F), shutter, shutter);
        add_house(s, vec_make(-19, 0, 37), vec_make(-6, 5.6F, 46), home,
                  (struct roof){roof_red(), 3.4F, true});
        struct look brick = look_windows(look_of(MATERIAL_BRICK, 0.40F, 0.22F, 0.15F), 2.9F, 2.8F);
        add_house(s, vec_make(3, 0, 38), vec_make(15, 5.6F, 47), brick,
                  (struct roof){roof_grey(), 3.6F, true});
        add_hedge(s, rng, vec_make(-7.5F, 0, 20.4F), vec_make(0.2F, 0, 20.4F), 1.1F, dark_green);
        add_hedge(s, rng, vec_make(-9.5F, 0, 7), vec_make(-9.5F, 0, 19), 1.5F, green);
        add_tree(s, rng, -5.2F, 14.5F, 6.2F, olive);
        add_tree(s, rng, -3, 42, 9, dark_green);
        add_tree(s, rng, 20, 36, 8, green);
        add_patch(s, -3.2F, 6.6F, -0.9F, 9.6F, look_of(MATERIAL_SOIL, 0.11F, 0.08F, 0.06F));
        add_hedge(s, rng, vec_make(-2.8F, 0, 7.2F), vec_make(-1.4F, 0, 9.0F), 0.55F, green);
        struct look bin = look_of(MATERIAL_METAL, 0.05F, 0.10F, 0.06F);
        add_block(s, 6.7F, 17.8F, vec_make(0.6F, 1.05F, 0.7F), bin);
        add_block(s, 6.0F, 17.9F, vec_make(0.6F, 1.05F, 0.7F),
                  look_of(MATERIAL_METAL, 0.05F, 0.07F, 0.14F));
        add_lamp(s, vec_make(7.0F, 2.7F, 13.25F), vec_make(11, 8.5F, 5), false);
        add_lamp(s, vec_make(-9.5F, 5.2F, 23), sodium, true);
        ROUTE(s, BIT(ACTOR_CAR), 0, {-48, 0, 29.2F}, {48, 0, 29.2F});
        ROUTE(s, BIT(ACTOR_CAR), 0, {48, 0, 25.8F}, {-48, 0, 25.8F});
        ROUTE(s, BIT(ACTOR_CAR), 0, {-20, 0, 25.8F}, {-2, 0, 25.2F}, {2.1F, 0, 21}, {2.2F, 0, 13},
              {2.2F, 0, -2});
        ROUTE(s, BIT(ACTOR_PERSON), 3, {-18, 0, 22.6F}, {1.2F, 0, 22.3F}, {3.0F, 0, 17},
              {6.4F, 0, 9.5F}, {6.2F, 0, 3});
        ROUTE(s, BIT(ACTOR_PERSON), 0, {-18, 0, 22.4F}, {18, 0, 22.6F});
        ROUTE(s, BIT(ACTOR_CAT) | BIT(ACTOR_FOX), 0, {-9, 0, 12}, {-1, 0, 11}, {3, 0, 9.4F},
              {7.4F, 0, 7.4F});
        ROUTE(s, BIT(ACTOR_BIRD), 0, {-13, 5, 17}, {0, 3.6F, 13}, {14, 6.4F, 19});
        add_window(s, "forecourt", 0.40F, 0.42F, 0.80F, 0.72F);
        add_window(s, "street", 0.02F, 0.25F, 0.98F, 0.38F);
        add_window(s, "garden", 0.04F, 0.44F, 0.40F, 0.94F);
        add_window(s, "pavement", 0.44F, 0.74F, 0.98F, 0.97F);
}

static void field(struct scene *s, struct rng *rng)
{
        s->view = (struct view){{0, 4.6F, 0}, -0.05F, 0.21F, 0.78F};
        s->ground = look_of(MATERIAL_GRASS, 0.10F, 0.125F, 0.04F);
        add_patch(s, -300, 58, 300, 300, look_of(MATERIAL_GRASS, 0.22F, 0.19F, 0.07F));
        add_patch(s, -200, 13.2F, 200, 16.8F, look_of(MATERIAL_GRAVEL, 0.28F, 0.24F, 0.18F));
        add_patch(s, -200, 14.7F, 200, 15.3F, lawn());
        struct look rail = look_of(MATERIAL_BOARDS, 0.30F, 0.25F, 0.19F);
        add_fence(s, vec_make(-26, 0, 19), vec_make(28, 0, 19), 1.25F, 3.0F, rail);
        struct look barn = look_of(MATERIAL_BOARDS, 0.26F, 0.10F, 0.07F);
        add_house(s, vec_make(9, 0, 34), vec_make(22, 4.6F, 44), barn,
                  (struct roof){look_of(MATERIAL_SHUTTER, 0.34F, 0.33F, 0.32F), 3.6F, true});
        struct look gate_look = look_of(MATERIAL_BOARDS, 0.40F, 0.38F, 0.34F);
        add_box(s, vec_make(13, 0, 33.9F), vec_make(16.5F, 3.4F, 34), gate_look, gate_look);
        add_tree(s, rng, -12.5F, 27, 9.0F, green);
        add_tree(s, rng, 6.0F, 52, 9, dark_green);
        add_tree(s, rng, -24, 44, 10, olive);
        for (int i = 0; i < 5; i++)
                add_tree(s, rng, -46 + 22 * (float)i + rng_range(rng, -4, 4),
                         rng_range(rng, 80, 100), rng_range(rng, 9, 14), dark_green);
        add_hedge(s, rng, vec_make(-60, 0, 62), vec_make(-8, 0, 64), 2.6F, dark_green);
        struct look bale = look_of(MATERIAL_GRAVEL, 0.42F, 0.33F, 0.16F);
        add_block(s, 5.5F, 31, vec_make(1.6F, 1.2F, 1.2F), bale);
        add_block(s, 3.4F, 33, vec_make(1.6F, 1.2F, 1.2F), bale);
        ROUTE(s, BIT(ACTOR_CAR), 0, {-34, 0, 15}, {34, 0, 15});
        ROUTE(s, BIT(ACTOR_PERSON), 0, {-15, 0, 14}, {0, 0, 14.2F}, {16, 0, 14});
        ROUTE(s, BIT(ACTOR_FOX) | BIT(ACTOR_CAT), 0, {-11, 0, 11}, {-2, 0, 9.6F}, {10, 0, 10.8F});
        ROUTE(s, BIT(ACTOR_FOX), 0, {14, 0, 23}, {2, 0, 21.5F}, {-14, 0, 24});
        ROUTE(s, BIT(ACTOR_BIRD), 0, {-16, 4, 18}, {0, 5, 14}, {18, 8, 24});
        add_window(s, "track left", 0.02F, 0.42F, 0.50F, 0.66F);
        add_window(s, "track right", 0.50F, 0.42F, 0.98F, 0.66F);
        add_window(s, "meadow", 0.05F, 0.66F, 0.95F, 0.96F);
}

static void shop(struct scene *s, struct rng *rng)
{
        s->view = (struct view){{-3, 4.3F, 0}, 0.24F, 0.25F, 0.84F};
        s->ground = look_of(MATERIAL_SLABS, 0.34F, 0.33F, 0.31F);
        s->colour_night = true;
        add_patch(s, -200, -10, 200, 6.2F, kerb());
        add_patch(s, -200, -10, 200, 6.0F, asphalt());
        struct look front = look_windows(look_of(MATERIAL_BRICK, 0.40F, 0.19F, 0.12F), 2.4F, 3.2F);
        struct look shade = look_of(MATERIAL_METAL, 0.10F, 0.16F, 0.13F);
        struct look pane = look_of(MATERIAL_GLASS, 0.10F, 0.095F, 0.085F);
        struct look stone = look_of(MATERIAL_PLASTER, 0.55F, 0.52F, 0.47F);
        add_box(s, vec_make(-14, 3.2F, 13), vec_make(12, 10, 22), front, roof_grey());
        add_box(s, vec_make(-14, 0, 13), vec_make(12, 3.2F, 22), stone, stone);
        add_box(s, vec_make(-14, 2.75F, 12.85F), vec_make(12, 3.25F, 13), shade, shade);
        for (int i = 0; i < 4; i++) {
                float x = -13 + 6.2F * (float)i;
                add_box(s, vec_make(x, 0.5F, 12.95F), vec_make(x + 3.6F, 2.6F, 13), pane, pane);
                add_box(s, vec_make(x + 4.1F, 0.05F, 12.95F), vec_make(x + 5.1F, 2.4F, 13), pane,
                        pane);
        }
        struct look cloth = look_of(MATERIAL_SHUTTER, 0.45F, 0.06F, 0.05F);
        add_box(s, vec_make(-0.8F, 2.60F, 11.6F), vec_make(3.0F, 2.70F, 12.9F), cloth, cloth);
        struct look far = look_windows(look_of(MATERIAL_PLASTER, 0.60F, 0.56F, 0.48F), 2.6F, 3.1F);
        add_house(s, vec_make(14, 0, 24), vec_make(30, 9, 36), far,
                  (struct roof){roof_red(), 3, true});
        add_tree(s, rng, 8.8F, 9.2F, 5.6F, green);
        add_tree(s, rng, 19, 18, 8, olive);
        struct look box = look_of(MATERIAL_BOARDS, 0.20F, 0.14F, 0.09F);
        add_block(s, -6.6F, 12.2F, vec_make(1.4F, 0.5F, 0.6F), box);
        add_hedge(s, rng, vec_make(-7.1F, 0, 12.2F), vec_make(-6.1F, 0, 12.2F), 0.9F, green);
        add_block(s, 5.0F, 8.0F, vec_make(0.5F, 0.95F, 0.5F),
                  look_of(MATERIAL_METAL, 0.08F, 0.09F, 0.09F));
        add_lamp(s, vec_make(5.6F, 4.6F, 7.0F), sodium, true);
        add_lamp(s, vec_make(-4.4F, 2.5F, 12.5F), white_lamp, false);
        add_lamp(s, vec_make(1.4F, 2.5F, 12.4F), white_lamp, false);
        add_lamp(s, vec_make(-10.5F, 2.5F, 12.5F), white_lamp, false);
        ROUTE(s, BIT(ACTOR_PERSON), 0, {-16, 0, 9.4F}, {0, 0, 9.0F}, {18, 0, 10.4F});
        ROUTE(s, BIT(ACTOR_PERSON), 2, {-15, 0, 8.4F}, {-5, 0, 9.8F}, {-2.4F, 0, 11.9F},
              {-2.4F, 0, 12.6F});
        ROUTE(s, BIT(ACTOR_PERSON), 2, {16, 0, 11}, {6, 0, 10.4F}, {3.7F, 0, 11.9F},
              {3.7F, 0, 12.6F});
        ROUTE(s, BIT(ACTOR_CAR), 0, {-24, 0, 4.0F}, {26, 0, 4.0F});
        ROUTE(s, BIT(ACTOR_CAT), 0, {-11, 0, 10.8F}, {2, 0, 7.2F}, {12, 0, 8.6F});
        ROUTE(s, BIT(ACTOR_BIRD), 0, {-10, 5.5F, 12}, {2, 3.4F, 10}, {14, 7, 15});
        add_window(s, "left", 0.02F, 0.36F, 0.38F, 0.66F);
        add_window(s, "door", 0.38F, 0.36F, 0.70F, 0.66F);
        add_window(s, "right", 0.70F, 0.36F, 0.98F, 0.68F);
        add_window(s, "pavement", 0.02F, 0.70F, 0.98F, 0.97F);
}

static void dock(struct scene *s, struct rng *rng)
{
        s->view = (struct view){{0, 5.6F, 0}, -0.14F, 0.31F, 0.80F};
        s->ground = concrete();
        s->colour_night = true;
        struct look shed = look_of(MATERIAL_SHUTTER, 0.42F, 0.46F, 0.50F);
        struct look door = look_of(MATERIAL_SHUTTER, 0.50F, 0.49F, 0.45F);
        struct look bumper = look_of(MATERIAL_METAL, 0.04F, 0.04F, 0.04F);
        struct look yellow = look_of(MATERIAL_PAINT, 0.55F, 0.40F, 0.06F);
        add_box(s, vec_make(-20, 0, 19), vec_make(14, 7.2F, 34), shed, roof_grey());
        add_box(s, vec_make(-20, 0, 17.6F), vec_make(14, 1.15F, 19), concrete(), concrete());
        add_box(s, vec_make(-20, 1.02F, 17.56F), vec_make(14, 1.16F, 17.6F), yellow, yellow);
        for (int i = 0; i < 4; i++) {
                float x = -15 + 6.4F * (float)i;
                add_box(s, vec_make(x, 1.15F, 18.92F), vec_make(x + 3.2F, 4.6F, 19), door, door);
                add_box(s, vec_make(x - 0.3F, 1.15F, 18.8F), vec_make(x, 4.9F, 19), bumper, bumper);
                add_box(s, vec_make(x + 3.2F, 1.15F, 18.8F), vec_make(x + 3.5F, 4.9F, 19), bumper,
                        bumper);
                add_box(s, vec_make(x - 0.3F, 4.6F, 18.4F), vec_make(x + 3.5F, 4.9F, 19), bumper,
                        bumper);
                add_patch(s, x - 0.4F, 7.5F, x - 0.25F, 17.5F, yellow);
                add_patch(s, x + 3.5F, 7.5F, x + 3.65F, 17.5F, yellow);
        }
        struct look trailer = look_of(MATERIAL_SHUTTER, 0.66F, 0.66F, 0.64F);
        add_box(s, vec_make(-8.5F, 1.1F, 9.8F), vec_make(-5.9F, 3.9F, 17.5F), trailer, trailer);
        add_box(s, vec_make(-8.2F, 0.35F, 11), vec_make(-6.2F, 1.1F, 16.5F), bumper, bumper);
        struct look pallet = look_of(MATERIAL_BOARDS, 0.34F, 0.24F, 0.14F);
        add_block(s, 7.4F, 14.6F, vec_make(1.2F, 1.4F, 0.9F), pallet);
        add_block(s, 8.8F, 14.8F, vec_make(1.2F, 0.8F, 0.9F), pallet);
        add_block(s, 8.6F, 13.2F, vec_make(1.1F, 1.1F, 1.1F),
                  look_of(MATERIAL_METAL, 0.06F, 0.12F, 0.26F));
        add_fence(s, vec_make(12.5F, 0, 6), vec_make(12.5F, 0, 17), 2.1F, 2.6F,
                  look_of(MATERIAL_METAL, 0.2F, 0.2F, 0.2F));
        add_tree(s, rng, 17, 16, 7, dark_green);
        add_tree(s, rng, 21, 24, 8, green);
        add_lamp(s, vec_make(-3.4F, 5.6F, 18.4F), vec_make(30, 29, 26), false);
        add_lamp(s, vec_make(3.2F, 5.6F, 18.4F), vec_make(30, 29, 26), false);
        add_lamp(s, vec_make(11.4F, 5.4F, 17.0F), sodium, true);
        ROUTE(s, BIT(ACTOR_CAR), 0, {20, 0, 7.6F}, {6, 0, 8.6F}, {0, 0, 9.4F}, {-18, 0, 6.4F});
        ROUTE(s, BIT(ACTOR_PERSON), 2, {10, 0, 5}, {6.4F, 0, 11}, {5.6F, 0, 16.6F}, {-1, 0, 16.8F});
        ROUTE(s, BIT(ACTOR_PERSON), 0, {-4.5F, 0, 16.9F}, {4, 0, 16.2F}, {11.8F, 0, 12.0F});
        ROUTE(s, BIT(ACTOR_PERSON), 0, {-9, 0, 7.2F}, {-1, 0, 9}, {3.2F, 0, 16.9F});
        ROUTE(s, BIT(ACTOR_FOX) | BIT(ACTOR_CAT), 0, {12, 0, 10}, {2, 0, 7.8F}, {-10, 0, 7});
        ROUTE(s, BIT(ACTOR_BIRD), 0, {-12, 7, 14}, {0, 5, 13}, {15, 8, 17});
        add_window(s, "left", 0.30F, 0.40F, 0.66F, 0.62F);
        add_window(s, "right", 0.66F, 0.40F, 0.98F, 0.68F);
        add_window(s, "yard", 0.02F, 0.62F, 0.66F, 0.96F);
}

static const struct {
        const char *word;
        void (*build)(struct scene *scene, struct rng *rng);
} scenes[SCENE_KINDS] = {
        [SCENE_COURTYARD] = {"courtyard", courtyard},
        [SCENE_GATE] = {"gate", gate},
        [SCENE_DRIVEWAY] = {"driveway", driveway},
        [SCENE_FIELD] = {"field", field},
        [SCENE_SHOP] = {"shop", shop},
        [SCENE_DOCK] = {"dock", dock},
};

const char *scene_word(enum scene_kind kind)
{
        return scenes[kind].word;
}

void scene_build(struct scene *scene, enum scene_kind kind, uint64_t seed)
{
        struct rng rng = {mix64(seed ^ 0x5ce9e)};
        memset(scene, 0, sizeof *scene);
        scene->kind = kind;
        scene->seed = (uint32_t)rng_next(&rng) & 0xffff;
        scenes[kind].build(scene, &rng);
        scene->ground.seed += scene->seed;
        /* no two cameras hang quite alike */
        scene->view.yaw += rng_range(&rng, -0.03F, 0.03F);
        scene->view.pitch += rng_range(&rng, -0.015F, 0.015F);
}
