#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/facts.h"
#include "parse/name.h"

/*
 * What makers other than IQeye write into JPEG comments, each known by how it begins: Axis (binary,
 * up to firmware 6.50), Mobotix (`#:M1IMG`, KEY=VALUE) and JVC (`JVC V1.0`, "name = value" in
 * fields of fixed width). Pure, any bytes.
 */

/* True when the comment is of one of them: sets what it says of mac, model, camera_name, kinds and
 * windows, and the capture time, NAMED_NO_TIME if it says none that can be read. One picture may
 * carry several: each sets what it knows and leaves the rest. */
bool maker_comment(const uint8_t *comment, size_t length, struct facts *facts,
                   struct named_time *time_out);
