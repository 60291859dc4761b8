#pragma once

#include <stdatomic.h>
#include <stdbool.h>

/*
 * Makes calls of store/disk.h fail, in a program linked with -Wl,--wrap=disk_open and so on: the
 * k-th of all that change the disk.
 */
extern atomic_int calls;  /* so far */
extern int fail_at;       /* 0: none */
extern int fail_count;    /* calls from there on */
extern int fail_errno;    /* */
extern bool full;         /* each write says that the disk is full */
extern bool pretend_room; /* that is kept, which in memory costs much */
extern atomic_int failed_calls;
extern atomic_int sync_calls;
