#include "receive/ftp_listing.h"

#include <inttypes.h>

void ftp_time_format(struct utc time, struct text *out)
{
        struct civil civil = utc_civil(time);
        text_add_format(out, "%04d%02d%02d%02d%02d%02d", civil.year, civil.month, civil.day,
                        civil.hour, civil.minute, civil.second);
        if (civil.millisecond != 0)
                text_add_format(out, ".%03d", civil.millisecond);
}

static bool digits(const char *text, int count, int *value_out)
{
        *value_out = 0;
        for (int i = 0; i < count; i++) {
                if (text[i] < '0' || text[i] > '9')
                        return false;
                *value_out = *value_out * 10 + (text[i] - '0');
        }
        return true;
}

bool ftp_time_parse(const char *text, size_t length, struct utc *time_out)
{
        enum { WHOLE = 14, LONGEST = 24 };
        struct civil civil = {0};
        if (length < WHOLE || length > LONGEST || !digits(text, 4, &civil.year) ||
            !digits(text + 4, 2, &civil.month) || !digits(text + 6, 2, &civil.day) ||
            !digits(text + 8, 2, &civil.hour) || !digits(text + 10, 2, &civil.minute) ||
            !digits(text + 12, 2, &civil.second))
                return false;
        if (length > WHOLE) {
                int scale = 100;
                int digit = 0;
                if (text[WHOLE] != '.' || length == WHOLE + 1)
                        return false;
                for (size_t i = WHOLE + 1; i < length; i++, scale /= 10) {
                        if (!digits(text + i, 1, &digit))
                                return false;
                        civil.millisecond += digit * scale;
                }
        }
        if (!civil_valid(&civil))
                return false;
        *time_out = civil_as_utc(&civil);
        return true;
}

void ftp_listing_facts(const struct ftp_entry *entry, struct text *out)
{
        if (entry->is_folder)
                text_add_string(out, "type=dir;");
        else
                text_add_format(out, "type=file;size=%" PRId64 ";", entry->size);
        text_add_string(out, "modify=");
        ftp_time_format(entry->modified, out);
        text_add_char(out, ';');
}

static void add_long(const char *name, const struct ftp_entry *entry, struct utc now,
                     struct text *out)
{
        static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
        const int64_t half_year = INT64_C(182) * 86400000;
        struct civil civil = utc_civil(entry->modified);
        text_add_format(out, "%s 1 camera camera %12" PRId64 " %.3s %2d ",
                        entry->is_folder ? "drwxr-xr-x" : "-rw-r--r--",
                        entry->is_folder ? INT64_C(4096) : entry->size,
                        months + 3 * (civil.month - 1), civil.day);
        if (entry->modified.ms > now.ms - half_year && entry->modified.ms <= now.ms + 60000)
                text_add_format(out, "%02d:%02d ", civil.hour, civil.minute);
        else
                text_add_format(out, " %04d ", civil.year);
        text_add_string(out, name);
}

void ftp_listing_add(enum ftp_list_form form, const char *name, const struct ftp_entry *entry,
                     struct utc now, struct text *out)
{
        switch (form) {
        case FTP_LIST_LONG: add_long(name, entry, now, out); break;
        case FTP_LIST_NAMES: text_add_string(out, name); break;
        case FTP_LIST_FACTS:
                ftp_listing_facts(entry, out);
                text_add_format(out, " %s", name);
                break;
        }
        text_add_string(out, "\r\n");
}

struct listing {
        enum ftp_list_form form;
        struct utc now;
        struct text *out;
};

static void add_entry(void *context, const char *name, const struct ftp_entry *entry)
{
        struct listing *listing = context;
        ftp_listing_add(listing->form, name, entry, listing->now, listing->out);
}

void ftp_listing_write(enum ftp_list_form form, struct ftp_tree *tree, const char *path,
                       struct utc now, struct text *out)
{
        struct listing listing = {form, now, out};
        const struct ftp_entry *entry = ftp_tree_find(tree, path);
        if (entry == NULL)
                return;
        if (entry->is_folder)
                ftp_tree_list(tree, path, add_entry, &listing);
        else
                add_entry(&listing, ftp_path_name(path), entry);
}
