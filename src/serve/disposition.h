#pragma once

/*
 * "attachment; filename=...": a file to be saved under a name (RFC 6266; RFC 8187 for what is not
 * ASCII). Pure. The name has neither '"' nor '\' nor control bytes (export/name.h).
 */
enum { DISPOSITION_SIZE = 1024 };
void disposition_format(const char *name, char out[static DISPOSITION_SIZE]);
