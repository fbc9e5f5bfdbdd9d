# libnet 1.1.6 ships no pkg-config file and no CMake package; this finds it as target Libnet::Libnet.
find_path(Libnet_INCLUDE_DIR NAMES libnet.h)
find_library(Libnet_LIBRARY NAMES net)
if(Libnet_INCLUDE_DIR AND EXISTS "${Libnet_INCLUDE_DIR}/libnet.h")
  file(STRINGS "${Libnet_INCLUDE_DIR}/libnet.h" _libnet_version_line
       REGEX "#define[ \t]+LIBNET_VERSION[ \t]+\"")
  string(REGEX REPLACE ".*\"([0-9.]+).*" "\\1" Libnet_VERSION "${_libnet_version_line}")
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Libnet
  REQUIRED_VARS Libnet_LIBRARY Libnet_INCLUDE_DIR VERSION_VAR Libnet_VERSION)

if(Libnet_FOUND AND NOT TARGET Libnet::Libnet)
  add_library(Libnet::Libnet UNKNOWN IMPORTED)
  set_target_properties(Libnet::Libnet PROPERTIES
    IMPORTED_LOCATION "${Libnet_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${Libnet_INCLUDE_DIR}"
    INTERFACE_COMPILE_DEFINITIONS "_DEFAULT_SOURCE")
endif()
mark_as_advanced(Libnet_INCLUDE_DIR Libnet_LIBRARY)
