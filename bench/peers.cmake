# Other libraries that the wire bench compares with. PcapPlusPlus is no Debian package: who has
# installed it somewhere names the place in CMAKE_PREFIX_PATH.
add_library(tcpcraft_bench_peers INTERFACE)
set(TCPCRAFT_WIRE_SOURCES)

find_library(TINS_LIBRARY tins)
find_path(TINS_INCLUDE_DIR tins/tins.h)
mark_as_advanced(TINS_LIBRARY TINS_INCLUDE_DIR)
if(TINS_LIBRARY AND TINS_INCLUDE_DIR)
  target_compile_definitions(tcpcraft_bench_peers INTERFACE BENCH_LIBTINS)
  list(APPEND TCPCRAFT_WIRE_SOURCES wire_libtins.cpp)
  target_link_libraries(tcpcraft_bench_peers INTERFACE "${TINS_LIBRARY}")
else()
  message(STATUS "bench: libtins (libtins-dev) is absent")
endif()

find_package(PcapPlusPlus QUIET CONFIG)
if(PcapPlusPlus_FOUND)
  target_compile_definitions(tcpcraft_bench_peers INTERFACE BENCH_PCAPPLUSPLUS)
  list(APPEND TCPCRAFT_WIRE_SOURCES wire_pcapplusplus.cpp)
  target_link_libraries(tcpcraft_bench_peers INTERFACE PcapPlusPlus::Packet++)
else()
  message(STATUS "bench: PcapPlusPlus is absent; CMAKE_PREFIX_PATH may name its installation")
endif()

target_link_libraries(tcpcraft_bench_peers INTERFACE Libnet::Libnet)
