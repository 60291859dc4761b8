#pragma once

#include "simulate/scene.h"

/* What a surface is at a point. */
struct surface {
        struct vec albedo; /* linear */
        float glow;        /* 0 .. 1: light of its own at night */
        bool mirror;       /* glass: shows some of the sky */
};

/* The surface of a solid or of the ground with this look, at a point of the world with this normal.
 * `distance` from the eye lets details go where a pixel could not show them. */
struct surface material_at(const struct look *look, struct vec point, struct vec normal,
                           float distance);
