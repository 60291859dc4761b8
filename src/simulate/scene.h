#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "simulate/vector.h"

/*
 * What stands before a simulated camera: solids, trees and ground of a small world, from where the
 * camera looks, where things may move, and the camera's motion windows. A plain value; everything
 * follows from the kind of scene and a seed.
 */

enum scene_kind {
        SCENE_COURTYARD,
        SCENE_GATE,
        SCENE_DRIVEWAY,
        SCENE_FIELD,
        SCENE_SHOP,
        SCENE_DOCK,
        SCENE_KINDS
};

enum material {
        MATERIAL_ASPHALT,
        MATERIAL_GRASS,
        MATERIAL_SLABS,
        MATERIAL_GRAVEL,
        MATERIAL_CONCRETE,
        MATERIAL_PAINT,
        MATERIAL_SOIL,
        MATERIAL_BRICK,
        MATERIAL_PLASTER,
        MATERIAL_BOARDS,
        MATERIAL_TILES,
        MATERIAL_SHUTTER,
        MATERIAL_GLASS,
        MATERIAL_METAL,
        MATERIAL_BARK,
        MATERIAL_LEAVES,
        MATERIAL_LAMP,
        MATERIALS
};

/* How a surface looks. */
struct look {
        enum material material;
        struct vec tint;    /* linear albedo */
        float window_every; /* metres between windows along a wall; 0: none */
        float storey;       /* metres between rows of windows */
        uint32_t seed;
};

enum { SOLID_PLANES = 6 };

/* A convex solid: the points behind all of its planes. The last planes may be a roof's. */
struct solid {
        struct vec normal[SOLID_PLANES];
        float offset[SOLID_PLANES]; /* normal . point = offset on the plane */
        int planes;
        int roof_from; /* planes from here on have the look `roof` */
        struct look look, roof;
        struct vec low, high; /* bounds */
        struct vec centre;    /* of the bounding sphere */
        float radius;
};

/* A crown or a bush: an ellipsoid full of leaves and holes. */
struct blob {
        struct vec centre, radius;
        struct vec heart; /* middle of the whole crown, from which its light is thought */
        float crown;      /* the crown's radius */
        struct vec tint;
        uint32_t seed;
};

/* A rectangle of the ground; later ones lie on top. */
struct patch {
        float x0, z0, x1, z1;
        struct look look;
};

struct lamp {
        struct vec place;
        struct vec colour; /* linear, at one metre */
};

enum actor_kind { ACTOR_PERSON, ACTOR_CAR, ACTOR_CAT, ACTOR_FOX, ACTOR_BIRD, ACTOR_KINDS };

enum { ROUTE_POINTS = 5 };

/* A way that something takes; it may be taken both ways. */
struct route {
        unsigned kinds; /* bits of actor_kind */
        struct vec points[ROUTE_POINTS];
        int count;
        int pause_at; /* a person stops here for a while; 0: nowhere */
};

/* A motion window, in parts of the picture's width and height. */
struct zone_rect {
        float x0, y0, x1, y1;
        const char *name; /* what it watches */
};

struct view {
        struct vec eye;
        float yaw, pitch; /* radians; to the right, down */
        float focal;      /* in widths of the picture */
};

enum {
        SCENE_SOLIDS = 96,
        SCENE_BLOBS = 240,
        SCENE_PATCHES = 48,
        SCENE_LAMPS = 6,
        SCENE_ROUTES = 8,
        SCENE_WINDOWS = 8
};

struct scene {
        enum scene_kind kind;
        struct view view;
        struct solid solids[SCENE_SOLIDS];
        int solid_count;
        struct blob blobs[SCENE_BLOBS];
        int blob_count;
        struct patch patches[SCENE_PATCHES];
        int patch_count;
        struct lamp lamps[SCENE_LAMPS];
        int lamp_count;
        struct route routes[SCENE_ROUTES];
        int route_count;
        struct zone_rect windows[SCENE_WINDOWS];
        int window_count;
        struct look ground;
        bool colour_night; /* lit well enough to stay in colour at night */
        uint32_t seed;
};

/* "courtyard", "gate", ... */
const char *scene_word(enum scene_kind kind);

/* About 100 KB; give it storage of its own. */
void scene_build(struct scene *scene, enum scene_kind kind, uint64_t seed);
