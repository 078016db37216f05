// A libFuzzer program for the target that CADENCE_FUZZ_TARGET names at compile time.
#include <cstddef>
#include <cstdint>

#include "targets.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  cadence::fuzz::CADENCE_FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
  return 0;
}
