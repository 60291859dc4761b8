#include "model/camera.h"

#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

void mac_format(const uint8_t mac[static 6], char out[static MAC_TEXT_SIZE])
{
        snprintf(out, MAC_TEXT_SIZE, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
                 mac[3], mac[4], mac[5]);
}

static int hex_value(char c)
{
        if (c >= '0' && c <= '9')
                return c - '0';
        if (c >= 'a' && c <= 'f')
                return c - 'a' + 10;
        if (c >= 'A' && c <= 'F')
                return c - 'A' + 10;
        return -1;
}

bool mac_parse(const char *text, size_t length, uint8_t mac_out[static 6])
{
        uint8_t mac[6];
        size_t at = 0;
        for (int i = 0; i < 6; i++) {
                if (i > 0 && at < length && strchr(":-_.", text[at]) != NULL && text[at] != '\0')
                        at++;
                if (length - at < 2)
                        return false;
                int high = hex_value(text[at]);
                int low = hex_value(text[at + 1]);
                if (high < 0 || low < 0)
                        return false;
                mac[i] = (uint8_t)(high << 4 | low);
                at += 2;
        }
        if (at != length)
                return false;
        memcpy(mac_out, mac, sizeof mac);
        return true;
}

bool camera_name_valid(const char *name)
{
        size_t length = strlen(name);
        if (length == 0 || length >= CAMERA_NAME_SIZE || !utf8_valid(name, length))
                return false;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
                return false;
        if (name[0] == ' ' || name[length - 1] == ' ')
                return false;
        for (size_t i = 0; i < length; i++) {
                unsigned char byte = (unsigned char)name[i];
                if (byte < 0x20 || byte == 0x7f || byte == '/' || byte == '\\')
                        return false;
        }
        return true;
}

static bool window_valid(const struct camera_window *window)
{
        size_t length = strnlen(window->name, sizeof window->name);
        if (window->number < 1 || window->number > CAMERA_WINDOWS ||
            length == sizeof window->name || !utf8_valid(window->name, length))
                return false;
        for (size_t i = 0; i < length; i++) {
                if ((unsigned char)window->name[i] < 0x20 || window->name[i] == 0x7f)
                        return false;
        }
        return window->x >= 0 && window->y >= 0 && window->width > 0 && window->height > 0 &&
               window->x <= WINDOW_UNIT && window->width <= WINDOW_UNIT - window->x &&
               window->y <= WINDOW_UNIT && window->height <= WINDOW_UNIT - window->y;
}

bool camera_windows_valid(const struct camera_window *windows, size_t count, size_t *at_out)
{
        uint64_t seen = 0;
        for (size_t i = 0; i < count; i++) {
                *at_out = i;
                if (i == CAMERA_WINDOWS || !window_valid(&windows[i]) ||
                    (seen >> (windows[i].number - 1) & 1) != 0)
                        return false;
                seen |= UINT64_C(1) << (windows[i].number - 1);
        }
        return true;
}
