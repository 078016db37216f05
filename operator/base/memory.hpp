// Keeps a small process small. Promises: changes what is resident, never what a page holds.
#pragma once

namespace cadence::base {

// Before other threads start: one heap for all of them.
void set_up_memory();

// Once the start is over: gives back code and constants of programs and libraries that only starting needed. What is still used
// comes back from the page cache at its next use.
void drop_startup_pages();

}  // namespace cadence::base
