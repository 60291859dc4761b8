#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "model/facts.h"

/*
 * What IQeye (IQinVision) cameras write into their two JPEG comments: identity, 6 bytes of MAC and
 * a product code; and a line of JSON, `{"IQimage":{"sequence":..,"time":..,"event":[..],
 * "motionWindows":[..],..}}`. Each is known by its beginning, not by its position. Pure.
 */

/* "IQeye3xx", ... ; NULL for a code not known. */
const char *iqeye_model(int product_code);

/* True when a comment is an identity: sets mac, model_code and model. A tail may follow; if it is
 * the time an Exacq recorder writes there, *stamp_out is set to it, else to UTC_NONE. */
bool iqeye_identity(const uint8_t *comment, size_t length, struct facts *facts,
                    struct utc *stamp_out);

/* True when a comment is meant to be the JSON one. */
bool iqeye_is_image(const uint8_t *comment, size_t length);

/* Reads it: sequence, kinds, words and windows into *facts, the time to *time_out (UTC_NONE if
 * there is none). Fails where the JSON is broken; what came whole before that place is set all the
 * same.
 */
bool iqeye_image(const uint8_t *comment, size_t length, struct facts *facts, struct utc *time_out,
                 struct error *err) MUST_CHECK;
