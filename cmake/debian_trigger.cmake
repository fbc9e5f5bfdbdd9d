# Run by cpack once the packages are made.
function(run)
  execute_process(COMMAND ${ARGN} OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
endfunction()

foreach(package IN LISTS CPACK_PACKAGE_FILES)
  if(package MATCHES "/libtcpcraft[0-9]+_")
    set(folder "${CPACK_TEMPORARY_DIRECTORY}/repacked")
    run(dpkg-deb --raw-extract "${package}" "${folder}")
    file(REMOVE "${folder}/DEBIAN/postinst" "${folder}/DEBIAN/postrm")
    run(dpkg-deb --root-owner-group --build "${folder}" "${package}")
    file(REMOVE_RECURSE "${folder}")
  endif()
endforeach()
