#include "serve/framing.h"

#include <stddef.h>
#include <strings.h>

struct seen {
        unsigned hosts, lengths, codings;
        const char *problem;
};

static enum MHD_Result look(void *context, enum MHD_ValueKind kind, const char *name,
                            const char *value)
{
        (void)kind;
        struct seen *seen = context;
        for (const char *at = name; *at != '\0'; at++) {
                if ((unsigned char)*at <= ' ' || *at == 0x7f)
                        seen->problem = "the name of a header has a blank in it";
        }
        if (strcasecmp(name, "Host") == 0 && ++seen->hosts > 1)
                seen->problem = "Host is given more than once";
        if (strcasecmp(name, "Content-Length") == 0 && ++seen->lengths > 1)
                seen->problem = "Content-Length is given more than once";
        if (strcasecmp(name, "Transfer-Encoding") == 0) {
                if (++seen->codings > 1 || value == NULL || strcasecmp(value, "chunked") != 0)
                        seen->problem = "the only Transfer-Encoding taken is chunked";
        }
        return MHD_YES;
}

const char *framing_problem(struct MHD_Connection *connection)
{
        struct seen seen = {0};
        MHD_get_connection_values(connection, MHD_HEADER_KIND, look, &seen);
        if (seen.problem == NULL && seen.codings > 0 && seen.lengths > 0)
                return "both Content-Length and Transfer-Encoding are given";
        return seen.problem;
}
