#pragma once

#include "base/error.h"
#include "base/text.h"
#include "export/source.h"
#include "export/walk.h"

/*
 * The text that is burnt into a film, as subtitles in Advanced SubStation Alpha: for each picture
 * one line with its camera and its capture time in the camera's zone, to the millisecond. Pure but
 * for walking the source.
 *
 * Players compare the times of lines and pictures with hundredths of a second, and after going
 * through floating point. So the text has a clock of its own that runs BURN_IN_SLOWER times as
 * slowly: a millisecond is two hundredths in it, and a line begins half a millisecond before its
 * picture. Whoever shows it has to slow the pictures down as much.
 */
enum { BURN_IN_SLOWER = 20 };

/* What comes before the lines, for pictures of this size. */
void burn_in_head(struct text *out, int width, int height);

/* The line of one picture. */
void burn_in_line(struct text *out, const struct export_source *source,
                  const struct walk_item *item);
