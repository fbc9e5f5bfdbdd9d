#pragma once

#include <cstddef>
#include <cstdint>

// What libFuzzer and the replay call. The name is libFuzzer's.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
