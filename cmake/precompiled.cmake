# Headers of others that most files include, parsed once for a whole target instead of once for each
# file. Every file still includes what it uses: the presets clang and tidy build without these.
set(TCPCRAFT_PRECOMPILED
  <algorithm> <array> <cassert> <chrono> <cstdint> <cstdlib> <functional> <map> <memory> <optional>
  <span> <string> <string_view> <utility> <variant> <vector>
  <fmt/format.h> <tl/expected.hpp>)

# ccache does without: it would share no object between two working copies.
if(CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_DISABLE_PRECOMPILE_HEADERS ON)
endif()
