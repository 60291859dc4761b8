#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "app/ftp.h"
#include "app/ingest.h"
#include "app/keeper.h"
#include "app/settings.h"
#include "app/watch.h"
#include "base/error.h"
#include "serve/overview.h"

/*
 * How the program is doing, put together for viewers: what ingest, FTP and the watcher say of
 * themselves, and what is only told as it happens (rates, scans under way). Safe from any thread.
 */
struct overview_board;

bool overview_create(const struct settings *settings, struct ingest *ingest,
                     struct overview_board **board_out, struct error *err) MUST_CHECK;
void overview_destroy(struct overview_board **board);

/* Once each, before the first look that is to know of them; ftp may be NULL. */
void overview_of(struct overview_board *board, struct ftp *ftp, struct keeper *keeper);

/* A look at the counters, every some seconds: rates are between two. */
void overview_sample(struct overview_board *board);

void overview_progress(struct overview_board *board, const struct watch_progress *progress);

struct overview_source overview_source(struct overview_board *board);
