# tcpcraft_build_flags: what every target of this project is compiled with. Not exported.
add_library(tcpcraft_build_flags INTERFACE)
target_compile_features(tcpcraft_build_flags INTERFACE cxx_std_20)
target_compile_options(tcpcraft_build_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual
  # with optimisation g++ 12 sees null where Asio's templates are inlined
  $<$<CONFIG:Debug>:-Wnull-dereference>
  $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond>
  $<$<BOOL:${TCPCRAFT_WERROR}>:-Werror>)
# Looking up a function at its first call takes longer than answering a segment; besides, the table
# of what was found can then be made read-only.
target_link_options(tcpcraft_build_flags INTERFACE -Wl,-z,relro,-z,now)
if(TCPCRAFT_SANITIZE)
  target_compile_options(tcpcraft_build_flags INTERFACE
    -fsanitize=${TCPCRAFT_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer
    # ASan stops at null as well; g++ spends a fifth of a build on these checks (clang keeps them)
    $<$<CXX_COMPILER_ID:GNU>:-fno-sanitize=null>)
  target_link_options(tcpcraft_build_flags INTERFACE -fsanitize=${TCPCRAFT_SANITIZE})
endif()
if(TCPCRAFT_COVERAGE)
  target_compile_options(tcpcraft_build_flags INTERFACE --coverage)
  target_link_options(tcpcraft_build_flags INTERFACE --coverage)
endif()
