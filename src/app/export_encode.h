#pragma once

#include "app/export_work.h"

/*
 * Encodes an export as H.264 in MP4 by the ffmpeg program, with the text in the picture if that is
 * asked for. Nothing that a user chose is part of a command: the film comes by a pipe, texts by a
 * file of a fixed name.
 */
#define EXPORT_TEXT "text.ass" /* in the folder that is worked in */

bool export_encode(struct export_work *work, struct error *err) MUST_CHECK;
