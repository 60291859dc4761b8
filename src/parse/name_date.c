#include "parse/name.h"

/*
 * Dates that a name leaves open, decided by when the picture arrived.
 */
enum { DAY_MS = 24 * 3600 * 1000 };

bool name_infer_year(struct civil *civil, struct utc received)
{
        enum { YEARS = 9 };
        int year = utc_civil((struct utc){received.ms + DAY_MS}).year;
        for (int i = 0; i < YEARS; i++) {
                struct civil dated = *civil;
                dated.year = year - i;
                if (civil_valid(&dated) && civil_as_utc(&dated).ms <= received.ms + DAY_MS) {
                        *civil = dated;
                        return true;
                }
        }
        return false;
}

static struct civil dated(const struct civil *civil, int year, int month, int day)
{
        struct civil date = *civil;
        date.year = year < 100 ? 2000 + year : year;
        date.month = month;
        date.day = day;
        return date;
}

bool name_order_date(struct named_time *time, struct utc received)
{
        struct civil *civil = &time->civil;
        const struct civil orders[] = {
                dated(civil, civil->year, civil->month, civil->day),
                dated(civil, civil->day, civil->month, civil->year),
                dated(civil, civil->day, civil->year, civil->month),
        };
        int count = 0;
        int usual = -1;
        bool long_year = civil->day > 99; /* stands last, so that is not the first order */
        for (int i = long_year; i < 3; i++) {
                if (!civil_valid(&orders[i]))
                        continue;
                int64_t ago = received.ms - civil_as_utc(&orders[i]).ms;
                if (utc_known(received) && ago <= 2 * DAY_MS && ago >= -2 * DAY_MS) {
                        *civil = orders[i];
                        return true;
                }
                count++;
                if (usual < 0)
                        usual = i;
        }
        if (time->form != NAMED_ORDERLESS || usual < 0 || (usual > 0 && count > 1))
                return false;
        *civil = orders[usual];
        return true;
}
