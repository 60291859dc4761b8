/* Films, whole and cut at every byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "parse/film.h"

#define FTYP                                                                                       \
        "\0\0\0\x10"                                                                               \
        "ftypisom\0\0\0\1"
#define MOOV                                                                                       \
        "\0\0\0\x0c"                                                                               \
        "moov...."
#define MDAT                                                                                       \
        "\0\0\0\x0c"                                                                               \
        "mdat...."
#define LARGE                                                                                      \
        "\0\0\0\1"                                                                                 \
        "mdat\0\0\0\0\0\0\0\x14...."
#define AVI                                                                                        \
        "RIFF\x0c\0\0\0"                                                                           \
        "AVI 12345678"
#define MORE                                                                                       \
        "RIFF\x09\0\0\0"                                                                           \
        "AVIX12345\0"

#define FILM(bytes)                                                                                \
        {                                                                                          \
                bytes, sizeof(bytes) - 1                                                           \
        }

static void one_that_is_cut_anywhere_is_not_whole(void **state)
{
        (void)state;
        static const struct {
                const char *bytes;
                size_t length;
                size_t enough; /* from here on it is whole as well; 0: only all of it is */
        } films[] = {
                {FTYP MOOV MDAT, sizeof(FTYP MOOV MDAT) - 1, sizeof(FTYP MOOV) - 1},
                {FTYP MDAT MOOV, sizeof(FTYP MDAT MOOV) - 1, 0},
                {FTYP LARGE MOOV, sizeof(FTYP LARGE MOOV) - 1, 0},
                {AVI, sizeof(AVI) - 1, 0},
                {AVI MORE, sizeof(AVI MORE) - 1, sizeof(AVI) - 1},
        };
        for (size_t i = 0; i < sizeof films / sizeof films[0]; i++) {
                const uint8_t *bytes = (const uint8_t *)films[i].bytes;
                size_t length = films[i].length;
                assert_int_equal(film_look(bytes, length), FILM_WHOLE);
                for (size_t cut = 12; cut < length; cut++) {
                        enum film film = film_look(bytes, cut);
                        if (film == FILM_WHOLE && (films[i].enough == 0 || cut < films[i].enough))
                                fail_msg("film %zu is whole after %zu bytes", i, cut);
                }
        }
}

static void what_does_not_say_is_not_known(void **state)
{
        (void)state;
        static const struct {
                const char *bytes;
                size_t length;
        } others[] = {
                FILM(""),
                FILM("\xff\xd8\xff\xe0"),
                FILM("\x1a\x45\xdf\xa3\x01\0\0\0\0\0\0\x1f"),
                FILM("RIFF\x10\0\0\0WAVEfmt "),
                FILM(FTYP "\0\0\0\0mdat...."),
                FILM(FTYP "\0\0\0\2mdat...."),
        };
        for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
                assert_int_equal(film_look((const uint8_t *)others[i].bytes, others[i].length),
                                 FILM_UNKNOWN);
        assert_int_equal(film_look((const uint8_t *)FTYP MDAT, sizeof(FTYP MDAT) - 1), FILM_CUT);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(one_that_is_cut_anywhere_is_not_whole),
                cmocka_unit_test(what_does_not_say_is_not_known),
        };
        return cmocka_run_group_tests_name("film", tests, NULL, NULL);
}
