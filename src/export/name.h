#pragma once

#include "base/error.h"
#include "export/format.h"
#include "export/source.h"

/*
 * Names of what is exported, safe to unpack and to save anywhere: what some system or program could
 * take for more than a letter is replaced, and then the camera's number added, so that no two
 * cameras share a name.
 */

/* "courtyard/2014-05-23_19-08-20.529Z.jpg": capture time in UTC, so that names sort and none
 * happens twice when clocks are set back; "...529Z-1.jpg" for the second one of a millisecond. */
enum { EXPORT_NAME_SIZE = 160 };
void export_picture_name(const struct camera *camera, const struct frame *frame,
                         char out[static EXPORT_NAME_SIZE]);

/* "courtyard_2014-05-23_14-08-20.mov": when the first picture was taken in the camera's zone;
 * "3-cameras_..." for several. ERROR_NOT_FOUND when there is no picture. */
bool export_file_name(const struct export_source *source, enum export_format format,
                      char out[static EXPORT_NAME_SIZE], struct error *err) MUST_CHECK;
