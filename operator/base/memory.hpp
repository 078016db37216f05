// Keeps a small process small. Promises: changes what is resident, never what a page holds.
#pragma once

namespace cadence::base {

// Before other threads start: one heap for all of them.
void set_up_memory();

// Once the start or a burst of work is over: gives back the heap's free pages, and code and constants of programs and
// libraries that only that needed. What is still used comes back from the page cache at its next use: a few hundred
// minor faults.
void drop_startup_pages();

}  // namespace cadence::base
