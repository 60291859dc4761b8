#include "simulate/actor.h"

/* Those who walk or fly: limbs on a skeleton that swings with the way gone. */

static struct vec at(const struct pose *pose, float ahead, float side, float up)
{
        struct vec h = pose->heading;
        struct vec p = pose->place;
        return vec_make(p.x + h.x * ahead + h.z * side, p.y + up, p.z + h.z * ahead - h.x * side);
}

struct pencil {
        struct canvas *canvas;
        struct brush *brush;
};

static void limb(const struct pencil *pencil, struct vec colour, struct vec a, float ra,
                 struct vec b, float rb)
{
        pencil->brush->albedo = colour;
        canvas_limb(pencil->canvas, pencil->brush, a, ra, b, rb);
}

/* A leg from the hip: thigh, shin and foot; `swing` in radians, forwards positive. */
static void leg(struct canvas *canvas, const struct actor *a, const struct pose *pose,
                struct brush *brush, float swing, float side)
{
        float s = a->size;
        float bend = swing < 0 ? -swing * 0.9F : 0.12F;
        struct vec hip = at(pose, 0, side * 0.09F * s, 0.93F * s);
        float ka = 0.45F * s * sinf(swing);
        float ku = 0.93F * s - 0.45F * s * cosf(swing);
        struct vec knee = at(pose, ka, side * 0.10F * s, ku);
        float lower = swing - bend;
        float aa = ka + 0.43F * s * sinf(lower);
        float au = most(ku - 0.43F * s * cosf(lower), 0.07F);
        struct vec ankle = at(pose, aa, side * 0.10F * s, au);
        struct vec toe = at(pose, aa + 0.17F * s, side * 0.11F * s, most(au - 0.04F, 0.04F));
        limb(&(struct pencil){canvas, brush}, a->trousers, hip, 0.095F * s, knee, 0.07F * s);
        limb(&(struct pencil){canvas, brush}, a->trousers, knee, 0.068F * s, ankle, 0.048F * s);
        limb(&(struct pencil){canvas, brush}, vec_make(0.04F, 0.03F, 0.03F), ankle, 0.05F * s, toe,
             0.04F * s);
}

static void arm(struct canvas *canvas, const struct actor *a, const struct pose *pose,
                struct brush *brush, float swing, float side)
{
        float s = a->size;
        struct vec shoulder = at(pose, 0, side * 0.20F * s, 1.43F * s);
        float ea = 0.30F * s * sinf(swing);
        float eu = 1.43F * s - 0.30F * s * cosf(swing);
        struct vec elbow = at(pose, ea, side * 0.25F * s, eu);
        float fore = swing + 0.35F;
        struct vec hand = at(pose, ea + 0.26F * s * sinf(fore), side * 0.23F * s,
                             eu - 0.26F * s * cosf(fore));
        limb(&(struct pencil){canvas, brush}, a->coat, shoulder, 0.068F * s, elbow, 0.055F * s);
        limb(&(struct pencil){canvas, brush}, a->coat, elbow, 0.053F * s, hand, 0.04F * s);
        limb(&(struct pencil){canvas, brush}, a->skin, hand, 0.045F * s, hand, 0.045F * s);
}

void draw_person(struct canvas *canvas, const struct actor *a, const struct pose *pose,
                 struct brush *brush)
{
        float s = a->size;
        float turn = (pose->walked / 1.45F + a->step) * 6.2832F;
        float swing = pose->moving ? 0.50F * sinf(turn) : 0.04F;
        float nod = pose->moving ? 0.025F * cosf(2 * turn) : 0;
        struct pose body = *pose;
        body.place.y += nod;
        struct vec eye = canvas->survey->scene->view.eye;
        struct vec to = vec_sub(eye, pose->place);
        float near = to.x * pose->heading.z - to.z * pose->heading.x > 0 ? 1.0F : -1.0F;
        arm(canvas, a, &body, brush, near > 0 ? 0.8F * swing : -0.8F * swing, -near);
        leg(canvas, a, pose, brush, near > 0 ? -swing : swing, -near);
        leg(canvas, a, pose, brush, near > 0 ? swing : -swing, near);
        /* torso: three round pieces make it wider than deep */
        for (int i = -1; i <= 1; i++) {
                float side = 0.085F * (float)i * s;
                limb(&(struct pencil){canvas, brush}, a->coat,
                     at(&body, 0.02F, side * 0.8F, 0.90F * s), 0.115F * s,
                     at(&body, 0.03F, side * 1.35F, 1.40F * s), 0.105F * s);
        }
        if (a->bag)
                limb(&(struct pencil){canvas, brush}, vec_scale(a->trousers, 1.6F),
                     at(&body, -0.17F, 0, 1.08F * s), 0.12F * s, at(&body, -0.17F, 0, 1.34F * s),
                     0.11F * s);
        limb(&(struct pencil){canvas, brush}, a->skin, at(&body, 0.03F, 0, 1.47F * s), 0.055F * s,
             at(&body, 0.04F, 0, 1.56F * s), 0.055F * s);
        limb(&(struct pencil){canvas, brush}, a->skin, at(&body, 0.055F, 0, 1.62F * s), 0.092F * s,
             at(&body, 0.05F, 0, 1.66F * s), 0.095F * s);
        limb(&(struct pencil){canvas, brush}, a->hair, at(&body, -0.015F, 0, 1.66F * s), 0.088F * s,
             at(&body, 0.015F, 0, 1.71F * s), 0.088F * s);
        arm(canvas, a, &body, brush, near > 0 ? -0.8F * swing : 0.8F * swing, near);
}

/* Shape of a four-legged animal; metres at size 1. */
struct build {
        float height, length; /* of the back; from shoulder to hip */
        float body, leg, head;
        float tail, brush; /* length and thickness of the tail */
        float stride;
};

static void paws(struct canvas *canvas, const struct actor *a, const struct pose *pose,
                 struct brush *brush, const struct build *b, float side)
{
        float turn = (pose->walked / b->stride + a->step) * 6.2832F;
        for (int i = 0; i < 2; i++) {
                float root = (i == 0 ? 0.5F : -0.5F) * b->length;
                float phase = turn + (i == 0 ? 0 : 2.6F) + (side > 0 ? 0 : 3.14F);
                float reach = pose->moving ? 0.55F * sinf(phase) * b->height * 0.5F : 0;
                float lift = pose->moving ? most(cosf(phase), 0) * 0.12F * b->height : 0;
                struct vec hip = at(pose, root, side * b->body * 0.5F, b->height * 0.72F);
                struct vec paw = at(pose, root + reach, side * b->body * 0.5F, b->leg + lift);
                limb(&(struct pencil){canvas, brush},
                     vec_scale(a->coat, a->kind == ACTOR_FOX ? 0.35F : 0.85F), hip, b->leg * 1.5F,
                     paw, b->leg);
        }
}

void draw_animal(struct canvas *canvas, const struct actor *a, const struct pose *pose,
                 struct brush *brush)
{
        static const struct build cat = {0.25F, 0.30F, 0.085F, 0.022F, 0.062F, 0.28F, 0.02F, 0.5F};
        static const struct build fox = {0.36F, 0.42F, 0.105F, 0.026F, 0.078F, 0.40F, 0.055F, 0.8F};
        const struct build *b = a->kind == ACTOR_FOX ? &fox : &cat;
        bool is_fox = a->kind == ACTOR_FOX;
        struct vec white = is_fox ? vec_make(0.5F, 0.47F, 0.42F) : a->coat;
        float turn = (pose->walked / b->stride + a->step) * 6.2832F;
        float wave = 0.15F * sinf(turn);
        struct vec eye = canvas->survey->scene->view.eye;
        struct vec to = vec_sub(eye, pose->place);
        float near = to.x * pose->heading.z - to.z * pose->heading.x > 0 ? 1.0F : -1.0F;
        float h = b->height;
        float front = b->length * 0.5F;
        paws(canvas, a, pose, brush, b, -near);
        struct vec rump = at(pose, -front, 0, h * 0.86F);
        struct vec mid =
                at(pose, -front - b->tail * 0.6F, wave * 0.2F, is_fox ? h * 0.7F : h * 1.1F);
        struct vec tip = at(pose, -front - b->tail, wave * 0.4F, is_fox ? h * 0.5F : h * 1.45F);
        limb(&(struct pencil){canvas, brush}, a->coat, rump, b->brush * 0.8F, mid, b->brush);
        limb(&(struct pencil){canvas, brush}, white, mid, b->brush, tip, b->brush * 0.5F);
        limb(&(struct pencil){canvas, brush}, a->coat, rump, b->body, at(pose, front, 0, h * 0.84F),
             b->body * 1.05F);
        paws(canvas, a, pose, brush, b, near);
        struct vec head = at(pose, front + b->head * 1.9F, 0, h * 1.08F);
        limb(&(struct pencil){canvas, brush}, a->coat, at(pose, front, 0, h * 0.88F),
             b->body * 0.8F, head, b->head);
        limb(&(struct pencil){canvas, brush}, white, head, b->head * 0.7F,
             at(pose, front + b->head * (is_fox ? 3.6F : 2.7F), 0, h * 1.0F), b->head * 0.35F);
        for (int i = -1; i <= 1; i += 2) {
                float side = (float)i * b->head * 0.6F;
                limb(&(struct pencil){canvas, brush}, vec_scale(a->coat, 0.6F),
                     at(pose, front + b->head * 1.6F, side, h * 1.08F + b->head * 0.7F),
                     b->head * 0.35F,
                     at(pose, front + b->head * 1.5F, side * 1.2F, h * 1.08F + b->head * 1.6F),
                     b->head * 0.1F);
        }
        if (canvas->light.grey && !brush->shadow) {
                /* the eyes send the camera's own light back */
                struct vec own = at(pose, front + b->head * 2.6F, 0, h * 1.1F);
                canvas_glow(canvas, own, 5, vec_make(0.9F, 0.9F, 0.9F));
        }
}

void draw_bird(struct canvas *canvas, const struct actor *a, const struct pose *pose,
               struct brush *brush)
{
        float beat = sinf((pose->walked / 1.3F + a->step) * 6.2832F);
        struct vec tail = at(pose, -0.20F, 0, 0.01F);
        limb(&(struct pencil){canvas, brush}, a->coat, tail, 0.03F, at(pose, 0.1F, 0, 0.02F),
             0.06F);
        limb(&(struct pencil){canvas, brush}, a->coat, at(pose, 0.13F, 0, 0.04F), 0.045F,
             at(pose, 0.2F, 0, 0.03F), 0.012F);
        for (int side = -1; side <= 1; side += 2) {
                float s = (float)side;
                struct vec root = at(pose, 0.03F, s * 0.04F, 0.04F);
                struct vec elbow = at(pose, 0.06F, s * 0.2F, 0.04F + 0.13F * beat);
                struct vec wing = at(pose, -0.05F, s * 0.42F, 0.04F + 0.22F * beat);
                limb(&(struct pencil){canvas, brush}, a->coat, root, 0.05F, elbow, 0.045F);
                limb(&(struct pencil){canvas, brush}, a->coat, elbow, 0.045F, wing, 0.012F);
        }
}
