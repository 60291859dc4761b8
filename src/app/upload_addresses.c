#include "app/upload_addresses.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

/* Bridges that only containers and virtual machines are on. */
static bool is_inner(const char *interface)
{
        static const char *const names[] = {"docker", "veth", "br-",   "virbr",
                                            "lxc",    "cni",  "podman"};
        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
                if (strncmp(interface, names[i], strlen(names[i])) == 0)
                        return true;
        }
        return false;
}

static void add(struct upload_target *target, const char *address)
{
        for (size_t i = 0; i < target->count; i++) {
                if (strcmp(target->addresses[i], address) == 0)
                        return;
        }
        if (target->count < UPLOAD_ADDRESSES)
                snprintf(target->addresses[target->count++], UPLOAD_ADDRESS_SIZE, "%s", address);
}

static void add_interface(struct upload_target *target, const struct ifaddrs *interface)
{
        char text[INET6_ADDRSTRLEN];
        const struct sockaddr *address = interface->ifa_addr;
        const void *bytes = &((const struct sockaddr_in *)(const void *)address)->sin_addr;
        if (address->sa_family == AF_INET6) {
                const struct in6_addr *six =
                        &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
                if (IN6_IS_ADDR_LINKLOCAL(six))
                        return; /* means nothing without the interface, which cameras do not ask */
                bytes = six;
        }
        if (inet_ntop(address->sa_family, bytes, text, sizeof text) != NULL)
                add(target, text);
}

static void add_interfaces(struct upload_target *target, int family, bool inner)
{
        struct ifaddrs *list = NULL;
        if (getifaddrs(&list) < 0)
                return;
        for (const struct ifaddrs *at = list; at != NULL; at = at->ifa_next) {
                if (at->ifa_addr != NULL && at->ifa_addr->sa_family == family &&
                    (at->ifa_flags & IFF_LOOPBACK) == 0 && (at->ifa_flags & IFF_UP) != 0 &&
                    is_inner(at->ifa_name) == inner)
                        add_interface(target, at);
        }
        freeifaddrs(list);
}

void upload_addresses(const char *listen, struct upload_target *target)
{
        char host[UPLOAD_ADDRESS_SIZE] = "";
        const char *colon = strrchr(listen, ':');
        size_t skip = listen[0] == '[';
        if (colon != NULL && colon > listen && (size_t)(colon - listen) < sizeof host)
                snprintf(host, sizeof host, "%.*s", (int)((size_t)(colon - listen) - 2 * skip),
                         listen + skip);
        target->count = 0;
        bool six = strcmp(host, "::") == 0;
        target->only_here = strncmp(host, "127.", 4) == 0 || strcmp(host, "::1") == 0;
        if (!six && strcmp(host, "0.0.0.0") != 0) {
                add(target, host);
                return;
        }
        for (int inner = 0; inner <= 1; inner++) {
                add_interfaces(target, AF_INET, inner != 0);
                if (six)
                        add_interfaces(target, AF_INET6, inner != 0);
        }
        if (target->count == 0) {
                add(target, "127.0.0.1");
                target->only_here = true;
        }
}
