#include "receive/watch_records.h"

#include <string.h>
#include <sys/inotify.h>

bool watch_record_next(const char *bytes, size_t length, size_t *at,
                       struct watch_record *record_out)
{
        struct inotify_event event;
        if (*at > length || length - *at < sizeof event)
                return false;
        memcpy(&event, bytes + *at, sizeof event); /* need not be aligned */
        if (event.len > length - *at - sizeof event)
                return false;
        const char *name = bytes + *at + sizeof event;
        if (event.len > 0 && memchr(name, '\0', event.len) == NULL)
                return false;
        *record_out = (struct watch_record){
                .watch = event.wd,
                .mask = event.mask,
                .cookie = event.cookie,
                .name = event.len > 0 ? name : "",
        };
        *at += sizeof event + event.len;
        return true;
}
