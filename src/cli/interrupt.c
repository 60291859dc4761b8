#include "cli/interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <time.h>

static void fill(sigset_t *set)
{
        sigemptyset(set);
        sigaddset(set, SIGINT);
        sigaddset(set, SIGTERM);
        sigaddset(set, SIGUSR1);
}

void interrupt_block(void)
{
        sigset_t set;
        fill(&set);
        pthread_sigmask(SIG_BLOCK, &set, NULL);
        signal(SIGPIPE, SIG_IGN);
}

enum interrupt interrupt_wait(int milliseconds)
{
        sigset_t set;
        fill(&set);
        struct timespec wait = {milliseconds / 1000, (long)(milliseconds % 1000) * 1000000};
        switch (sigtimedwait(&set, NULL, &wait)) {
        case SIGINT:
        case SIGTERM: return INTERRUPT_STOP;
        case SIGUSR1: return INTERRUPT_REPORT;
        default: return INTERRUPT_NONE;
        }
}
