#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "model/kind.h"
#include "understood.h"

/* IQeye comments without their picture, as rows of a CSV list carry them. */

static struct picture picture;

static void comments_alone(void **state)
{
        (void)state;
        struct understand_context context =
                context_of("/share/iq/00_50_1a_02_2c_be/05-23/09/09_08_27.trig-01.jpg");
        struct facts facts;
        struct error err = {0};
        assert_true(
                understand_comment(IQEYE_MOTION, sizeof IQEYE_MOTION - 1, &context, &facts, &err));
        expect_time(&facts, "2014-05-19T14:47:21.748Z", TIME_VENDOR);
        assert_true(facts.has_mac);
        assert_memory_equal(facts.mac, "\x00\x50\x1a\x02\x2c\xbe", 6);
        assert_int_equal(facts.trigger, -1);
        assert_false(understand_comment("{}", 2, &context, &facts, &err));
        assert_int_equal(err.kind, ERROR_INPUT);
}

/* ---- the rows of a real camera, where they are at hand ---- */

/* Takes a field of a CSV row in place, its doubled quotes made single; returns where it ends. */
static char *take_quoted(char *at)
{
        char *out = at;
        for (at++; *at != '\0'; at++) {
                if (*at == '"' && at[1] != '"')
                        break;
                if (*at == '"')
                        at++;
                *out++ = *at;
        }
        *out = '\0';
        return at;
}

static void rows_of_a_real_camera(void **state)
{
        (void)state;
        static const char here[] = __FILE__; /* as the build names it, from where tests run */
        const char *folder = getenv("CCTVWEB_SAMPLE_DATA");
        char beside[2048];
        snprintf(beside, sizeof beside, "%.*s/../../../shared/data",
                 (int)(strrchr(here, '/') - here), here);
        char path[4096];
        snprintf(path, sizeof path, "%s/iqeye-sample.csv", folder != NULL ? folder : beside);
        FILE *file = fopen(path, "r");
        if (file == NULL) {
                print_message("# skipped: no iqeye-sample.csv at hand (CCTVWEB_SAMPLE_DATA)\n");
                return;
        }
        struct zone *zone = NULL;
        assert_true(zone_load("America/Chicago", &zone, NULL));
        char line[2000];
        int rows = 0;
        while (fgets(line, sizeof line, file) != NULL) {
                char *comma = strchr(line, ',');
                assert_non_null(comma);
                *comma = '\0';
                (void)take_quoted(comma + 1);
                struct understand_context context = context_of(line);
                context.zone = zone;
                context.received = at("2014-05-24T00:00:00Z");
                struct facts facts;
                struct error err = {0};
                if (!understand_comment(comma + 1, strlen(comma + 1), &context, &facts, &err))
                        fail_msg("%s: %s", line, err.text);
                assert_int_equal(facts.time_source, TIME_VENDOR);
                assert_true(facts.has_trigger && facts.has_mac && facts.sequence > 0);
                assert_true(facts.kinds == KIND_BIT(KIND_NONE) ||
                            facts.kinds == KIND_BIT(KIND_MOTION));
                assert_int_equal(facts.kinds == KIND_BIT(KIND_MOTION), facts.windows != 0);
                /* Without the comment the name must lead to the same second. */
                picture_begin(&picture);
                picture_finish(&picture);
                struct facts named = understand(&picture, &context);
                assert_int_equal(named.time_source, TIME_PATH);
                assert_int_equal(named.time.ms, facts.time.ms / 1000 * 1000);
                rows++;
        }
        fclose(file);
        zone_free(&zone);
        assert_int_equal(rows, 199);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
                cmocka_unit_test(comments_alone),
                cmocka_unit_test(rows_of_a_real_camera),
        };
        return cmocka_run_group_tests_name("understand_comment", tests, NULL, NULL);
}
