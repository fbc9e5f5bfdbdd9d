# man_pages(FOLDER): its *.scd become man pages in build/<preset>/man/, installed with the tools. Without
# scdoc the build goes on and says so.
find_program(SCDOC scdoc)

function(man_page page folder)
  get_filename_component(name "${page}" NAME_WLE) # tcp-handshake.1
  string(REGEX MATCH "[0-9]$" section "${name}")
  set(out "${PROJECT_BINARY_DIR}/man/man${section}/${name}")
  add_custom_command(OUTPUT "${out}"
    COMMAND "${CMAKE_COMMAND}" -D "PAGE=${page}" -D "SHARED=${folder}/shared"
      -D "VERSION=${PROJECT_VERSION}" -D "OUT=${PROJECT_BINARY_DIR}/man/${name}.scd"
      -P "${PROJECT_SOURCE_DIR}/cmake/man-page.cmake"
    COMMAND "${SCDOC}" < "${PROJECT_BINARY_DIR}/man/${name}.scd" > "${out}"
    DEPENDS "${page}" ${ARGN} "${PROJECT_SOURCE_DIR}/cmake/man-page.cmake" VERBATIM)
  set_property(GLOBAL APPEND PROPERTY TCPCRAFT_MAN_PAGES "${out}")
  install(FILES "${out}" DESTINATION "${CMAKE_INSTALL_MANDIR}/man${section}" COMPONENT tools)
endfunction()

function(man_pages folder)
  if(NOT SCDOC)
    message(STATUS "scdoc is not there: no man pages are made")
    return()
  endif()
  file(GLOB pages CONFIGURE_DEPENDS "${folder}/*.scd")
  file(GLOB shared CONFIGURE_DEPENDS "${folder}/shared/*.scd")
  foreach(section 1 5 7 8)
    file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/man/man${section}")
  endforeach()
  foreach(page IN LISTS pages)
    man_page("${page}" "${folder}" ${shared})
  endforeach()
  get_property(made GLOBAL PROPERTY TCPCRAFT_MAN_PAGES)
  add_custom_target(man ALL DEPENDS ${made})
endfunction()
