#include "fault.h"

#ifdef SFPIPE_FAULTS
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

void
fault_point(void)
{
	static atomic_long reached;
	const char *at = getenv("SFPIPE_CRASH_AT");

	if (at && atomic_fetch_add(&reached, 1) + 1 == strtol(at, NULL, 10))
		raise(SIGKILL); /* no handler, no buffer written: as if the power went */
}
#endif
