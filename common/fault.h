/*
 * fault: crash points for the tests (style 12). In a FAULTS=1 build the N-th fault_point() that a
 * process reaches kills it, N from SFPIPE_CRASH_AT; in a release they are empty.
 *
 * They stand before and after each step that leaves the process: commit, request, rename. What such a
 * build does in smaller steps, to reach more of them, is FAULT_STEP().
 *
 * Threads: any.
 */
#ifndef SFPIPE_FAULT_H
#define SFPIPE_FAULT_H

#ifdef SFPIPE_FAULTS
#define FAULT_STEP(release, faults) (faults)
void fault_point(void);
#else
#define FAULT_STEP(release, faults) (release)
static inline void
fault_point(void)
{
}
#endif

#endif
