/*
 * fault: crash points for the tests (style 12). In a FAULTS=1 build the N-th fault_point() that a
 * process reaches kills it, N from SFPIPE_CRASH_AT; in a release they are empty.
 *
 * They stand before and after each step that leaves the process: commit, request, rename.
 *
 * Threads: any.
 */
#ifndef SFPIPE_FAULT_H
#define SFPIPE_FAULT_H

#ifdef SFPIPE_FAULTS
void fault_point(void);
#else
static inline void
fault_point(void)
{
}
#endif

#endif
