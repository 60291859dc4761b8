#include "simulate/delivery.h"

#include <stdio.h>
#include <stdlib.h>

#include "simulate/delivery_form.h"

struct delivery {
        struct delivery_options options;
        struct delivery_tally tally;
        struct delivery_folder folder;
        struct delivery_ftp *ftp; /* NULL: a folder */
};

bool delivery_open(const struct delivery_options *options, struct delivery **delivery_out,
                   struct error *err)
{
        struct delivery *d = calloc(1, sizeof *d);
        if (d == NULL)
                return error_set(err, ERROR_FULL, "no memory for a camera's deliveries");
        d->options = *options;
        d->folder = (struct delivery_folder){.options = &d->options, .fd = -1};
        if (options->ftp != NULL && !delivery_ftp_open(&d->options, &d->ftp, err)) {
                free(d);
                return false;
        }
        *delivery_out = d;
        return true;
}

static void name_parcel(const struct delivery_options *o, const struct upload *upload,
                        char folder[static PARCEL_FOLDER_SIZE], char name[static PARCEL_NAME_SIZE])
{
        struct civil t =
                o->zone != NULL ? zone_civil(o->zone, upload->time) : utc_civil(upload->time);
        char mac[ACKS_MAC_SIZE];
        acks_mac_format(o->mac, mac);
        if (o->ftp != NULL && (o->ftp->habits & FTP_HABIT_DUPLICATE_NAMES)) {
                snprintf(folder, PARCEL_FOLDER_SIZE, "%s", mac);
                snprintf(name, PARCEL_NAME_SIZE, "image.jpg");
                return;
        }
        snprintf(folder, PARCEL_FOLDER_SIZE, "%s/%04d-%02d-%02d/%02d", mac, t.year, t.month, t.day,
                 t.hour);
        snprintf(name, PARCEL_NAME_SIZE, "%02d_%02d_%02d.trig%c%02d.jpg", t.hour, t.minute,
                 t.second, upload->trigger < 0 ? '-' : '+',
                 upload->trigger < 0 ? -upload->trigger : upload->trigger);
}

bool delivery_store(struct delivery *d, const struct upload *upload, const uint8_t *bytes,
                    size_t length, struct error *err)
{
        char folder[PARCEL_FOLDER_SIZE];
        char name[PARCEL_NAME_SIZE];
        name_parcel(&d->options, upload, folder, name);
        struct parcel parcel = {folder, name, bytes, length, upload->due};
        if (d->ftp != NULL)
                return delivery_ftp_store(d->ftp, &parcel, &d->tally, err);
        if (!delivery_folder_store(&d->folder, &parcel, err))
                return false;
        d->tally.sent++;
        d->tally.acknowledged++;
        d->tally.bytes += (int64_t)length;
        return true;
}

const struct delivery_tally *delivery_tally(const struct delivery *d)
{
        return &d->tally;
}

void delivery_rest(struct delivery *d)
{
        delivery_folder_rest(&d->folder);
        if (d->ftp != NULL)
                delivery_ftp_rest(d->ftp);
}

void delivery_close(struct delivery **delivery)
{
        struct delivery *d = *delivery;
        if (d == NULL)
                return;
        delivery_folder_rest(&d->folder);
        delivery_ftp_close(&d->ftp);
        free(d);
        *delivery = NULL;
}
