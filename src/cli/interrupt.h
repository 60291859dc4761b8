#pragma once

/*
 * Signals of a long command: blocked in all threads and waited for by one, so that nothing runs in
 * a handler.
 */
enum interrupt {
        INTERRUPT_NONE,
        INTERRUPT_STOP,  /* SIGINT, SIGTERM: commit what is done and end */
        INTERRUPT_REPORT /* SIGUSR1: say how far it is */
};

/* Call it before any thread is started. */
void interrupt_block(void);

/* Waits up to so many milliseconds for one. */
enum interrupt interrupt_wait(int milliseconds);
