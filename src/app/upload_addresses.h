#pragma once

#include "model/camera_change.h"

/*
 * The addresses of this machine under which an FTP server that listens on `listen` ("[::]:2121") is
 * reached: those of its interfaces, IPv4 first and those of containers last, or the one it names.
 * Sets count, addresses and only_here.
 */
void upload_addresses(const char *listen, struct upload_target *target);
