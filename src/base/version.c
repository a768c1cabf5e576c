#include "weft/base.h"

#include "config.h"

const char *weft_version(void) { return PACKAGE_VERSION; }
