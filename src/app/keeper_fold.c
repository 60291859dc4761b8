/* What came since is added up (catalog_fold), in the background. */
#include <time.h>

#include "app/keeper_inside.h"
#include "base/log.h"

enum { FOLD_EVERY_S = 60, SLICE_S = 1 };

static bool step(void *context, struct catalog *catalog, struct error *err)
{
        return catalog_fold(catalog, context, err);
}

/* Pauses as long as the work was: it never hurries, and others write meanwhile. */
static void pause_for(int64_t ns)
{
        struct timespec pause = {ns / 1000000000, ns % 1000000000};
        nanosleep(&pause, NULL);
}

bool keeper_fold(struct keeper *keeper, struct folding *folding, int64_t *due_ns)
{
        struct mono begun = mono_now();
        struct error err = {0};
        if (begun.ns < *due_ns)
                return true;
        while (!folding->done && !keeper_wanted(keeper)) {
                struct mono start = mono_now();
                if (!ingest_call(keeper->config.ingest, step, folding, &err)) {
                        if (!keeper_stopping(keeper))
                                log_warn("keeper", "fold-failed", "error=\"%s\"", err.text);
                        folding->done = true;
                        break;
                }
                struct mono end = mono_now();
                if (!folding->done)
                        pause_for(end.ns - start.ns);
                if (end.ns - begun.ns > SLICE_S * INT64_C(1000000000))
                        break;
        }
        if (!folding->done)
                return false;
        *folding = (struct folding){0};
        *due_ns = mono_now().ns + FOLD_EVERY_S * INT64_C(1000000000);
        return true;
}
