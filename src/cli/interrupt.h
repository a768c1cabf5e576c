/* cli/interrupt.h: Ctrl-C (SIGINT) and SIGTERM end a long command at the next safe place; a second one ends it at once. */
#ifndef WEFT_CLI_INTERRUPT_H
#define WEFT_CLI_INTERRUPT_H
#include <stdbool.h>

void cli_interrupt_watch(void);
bool cli_interrupted(void);
#endif
