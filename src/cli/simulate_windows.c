#include "cli/simulate_windows.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cli/command.h"
#include "model/camera.h"
#include "simulate/device.h"

enum { CAMERAS_MOST = 1000, JSON_MOST = 1 << 16 };

static void print(const struct device *device)
{
        struct camera_window windows[DEVICE_WINDOWS];
        size_t count = device_windows(device, windows);
        struct text text;
        struct json json;
        text_init_growing(&text, JSON_MOST);
        json_init(&json, &text);
        json_open_object(&json);
        json_name(&json, "windows");
        json_open_array(&json);
        for (size_t i = 0; i < count; i++) {
                const struct camera_window *window = &windows[i];
                const struct {
                        const char *name;
                        int32_t value;
                } sides[] = {{"x", window->x},
                             {"y", window->y},
                             {"width", window->width},
                             {"height", window->height}};
                json_open_object(&json);
                json_add_int(&json, "window", window->number);
                json_add_string(&json, "name", window->name);
                for (size_t k = 0; k < sizeof sides / sizeof sides[0]; k++) {
                        static_assert(WINDOW_UNIT == 100000, "five digits");
                        json_name(&json, sides[k].name);
                        json_decimal(&json, sides[k].value, 5);
                }
                json_close_object(&json);
        }
        json_close_array(&json);
        json_close_object(&json);
        if (text_ok(&text))
                puts(text.bytes);
        text_finish(&text);
}

int simulate_windows(const char *name, uint64_t seed)
{
        struct device_options options = {.seed = seed, .rate = 1, .width = 320, .height = 240};
        bool found = false;
        for (int i = 0; i < CAMERAS_MOST && !found; i++) {
                struct device *device = NULL;
                struct error err = {0};
                options.number = i;
                if (!device_create(&options, &device, &err)) {
                        fprintf(stderr, "cctvweb simulate: %s\n", err.text);
                        return EXIT_FAILED;
                }
                found = strcmp(device_name(device), name) == 0;
                if (found)
                        print(device);
                device_free(&device);
        }
        if (!found)
                fprintf(stderr, "cctvweb simulate: no camera is called \"%s\"\n", name);
        return found ? EXIT_DONE : EXIT_USAGE;
}
