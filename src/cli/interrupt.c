/* cli/interrupt.c: a flag that a signal sets. */
#include "cli/interrupt.h"

#include <signal.h>
#include <string.h>

static volatile sig_atomic_t asked;

static void note(int signal_number)
{
    (void)signal_number;
    asked = 1;
}

void cli_interrupt_watch(void)
{
    struct sigaction act;
    memset(&act, 0, sizeof act);
    act.sa_handler = note;
    act.sa_flags = (int)SA_RESETHAND; /* the second one has its usual effect */
    sigaction(SIGINT, &act, NULL);
    sigaction(SIGTERM, &act, NULL);
}

bool cli_interrupted(void) { return asked != 0; }
