#pragma once

#include "app/settings.h"
#include "base/error.h"

/*
 * The server as a whole: the catalog's one writer, the folders that are watched, HTTP. Blocks
 * nothing itself; the caller waits for signals.
 */
struct serve;

bool serve_start(const struct settings *settings, struct serve **serve_out,
                 struct error *err) MUST_CHECK;

/* "http://127.0.0.1:8080/" */
enum { SERVE_URL_SIZE = 96 };
void serve_url(const struct serve *serve, char out[static SERVE_URL_SIZE]);

/* Logs how far everything is. */
void serve_report(struct serve *serve);

/* Takes nothing new, commits what was taken in, ends; within 5 seconds. Accepts NULL inside. */
bool serve_stop(struct serve **serve, struct error *err) MUST_CHECK;
