#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/*
 * Where simulated cameras upload to by FTP, and in which manner. What real cameras do is listed in
 * the words of ftp_habits_parse.
 */
enum ftp_habit {
        FTP_HABIT_LOGIN_PER_FILE = 1 << 0,
        FTP_HABIT_ACTIVE = 1 << 1, /* PORT, or EPRT with IPv6 */
        FTP_HABIT_STOU = 1 << 2,
        FTP_HABIT_RENAME = 1 << 3, /* STOR NAME.tmp, then RNFR and RNTO */
        FTP_HABIT_CUT = 1 << 4,    /* some uploads end midway and are repeated */
        FTP_HABIT_DUPLICATE_NAMES = 1 << 5,
        FTP_HABIT_MKD_WALK = 1 << 6 /* CWD and MKD from folder to folder */
};

enum { FTP_URL_SIZE = 1024, FTP_USER_SIZE = 128, FTP_PASSWORD_SIZE = 256 };

struct ftp_target {
        char url[FTP_URL_SIZE];   /* "ftps://host:990/path": no user, no `/` at the end */
        char path[FTP_URL_SIZE];  /* "path/" or "" : what it puts before a picture's path */
        char host[FTP_USER_SIZE]; /* as in the URL */
        char user[FTP_USER_SIZE]; /* %n stands for the camera's name, %i for its number */
        char password[FTP_PASSWORD_SIZE];
        bool implicit_tls; /* ftps:// */
        bool explicit_tls; /* AUTH TLS */
        bool insecure;     /* any certificate will do */
        unsigned habits;   /* enum ftp_habit */
};

/* True for what begins with ftp:// or ftps://. */
bool ftp_target_is(const char *text);

/* Reads `ftp[s]://[user[:password]@]host[:port][/path]`; leaves the rest of the struct alone. */
bool ftp_target_parse(const char *text, struct ftp_target *target, struct error *err) MUST_CHECK;

/* Reads "rename,cut"; words that exclude each other are refused. */
bool ftp_habits_parse(const char *text, unsigned *habits_out, struct error *err) MUST_CHECK;

/* The user of a camera. */
bool ftp_target_user(const struct ftp_target *target, const char *name, int number,
                     char out[static FTP_USER_SIZE], struct error *err) MUST_CHECK;
