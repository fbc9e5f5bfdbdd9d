# Packages for Debian, one for each kind of user: `cpack -G DEB`, or scripts/package, which also looks
# after the compiler's flags and asks lintian. Components: library, development, tools, doc.

set(tcpcraft_library_package "libtcpcraft${PROJECT_VERSION_MAJOR}")
set(tcpcraft_development_package "libtcpcraft-dev")
set(tcpcraft_tools_package "tcpcraft")

install(FILES README.md LICENSE CHANGELOG.md DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT doc)
install(DIRECTORY docs/ DESTINATION "${CMAKE_INSTALL_DOCDIR}" COMPONENT doc
  FILES_MATCHING PATTERN "*.md"
  PATTERN examples EXCLUDE PATTERN editor EXCLUDE PATTERN man EXCLUDE PATTERN scripts EXCLUDE
  PATTERN testing.md EXCLUDE PATTERN performance.md EXCLUDE)
install(DIRECTORY docs/examples/ DESTINATION "${CMAKE_INSTALL_DOCDIR}/examples" COMPONENT development)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME tcpcraft)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")  # each package has its own
set(CPACK_PACKAGE_VENDOR "tcpcraft developers")
set(CPACK_PACKAGE_CONTACT "tcpcraft developers <developers@tcpcraft.invalid>")
set(CPACK_PACKAGING_INSTALL_PREFIX "${CMAKE_INSTALL_PREFIX}")
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PACKAGE_DIRECTORY "${PROJECT_BINARY_DIR}/packages")
set(CPACK_COMPONENTS_ALL library development tools doc)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENT_LIBRARY_GROUP library)
set(CPACK_COMPONENT_DEVELOPMENT_GROUP development)
set(CPACK_COMPONENT_TOOLS_GROUP tools)
set(CPACK_COMPONENT_DOC_GROUP tools)
# What Debian wants beside the files, and those compressed that it wants compressed.
set(CPACK_PRE_BUILD_SCRIPTS "${PROJECT_BINARY_DIR}/debian_files.cmake")
configure_file(cmake/debian_files.cmake.in debian_files.cmake @ONLY)
# cpack calls ldconfig in scripts of its own making; Debian asks for the trigger in their place.
set(CPACK_POST_BUILD_SCRIPTS "${PROJECT_SOURCE_DIR}/cmake/debian_trigger.cmake")
configure_file(packaging/changelog.in debian_changelog @ONLY)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS "${PROJECT_BINARY_DIR}/libtcpcraft")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_SOURCE tcpcraft)
set(tcpcraft_same_version "${tcpcraft_library_package} (= ${PROJECT_VERSION}-1)")

set(CPACK_DEBIAN_LIBRARY_PACKAGE_NAME "${tcpcraft_library_package}")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_LIBRARY_DESCRIPTION
"opens, holds and closes TCP connections by hand (library)
A state machine of RFC 9293 that is a pure function, segments that may be
as wrong as one likes, and three ways to move them: raw sockets against a
real host, a wire in virtual time, and one's own.
.
This package contains the shared library.")
# Until 1.0.0 a version promises nothing to programs that were built with another.
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS_POLICY "=")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA "${PROJECT_SOURCE_DIR}/packaging/triggers")

set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME "${tcpcraft_development_package}")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS "${tcpcraft_same_version}, libexpected-dev")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SHLIBDEPS OFF)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SUGGESTS "cmake, pkgconf, libboost1.81-dev | libboost-dev (>= 1.81)")
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION
"opens, holds and closes TCP connections by hand (development files)
A state machine of RFC 9293 that is a pure function, segments that may be
as wrong as one likes, and three ways to move them: raw sockets against a
real host, a wire in virtual time, and one's own.
.
This package contains the headers, and what CMake and pkg-config need to
find the library.")

set(CPACK_DEBIAN_TOOLS_PACKAGE_NAME "${tcpcraft_tools_package}")
# By default the tools make a rule with iptables. nftables is on most hosts and would satisfy an
# alternative without being what the default takes.
set(CPACK_DEBIAN_TOOLS_PACKAGE_DEPENDS "${tcpcraft_same_version}, libcap2-bin")
set(CPACK_DEBIAN_TOOLS_PACKAGE_RECOMMENDS "iptables")
set(CPACK_DEBIAN_TOOLS_PACKAGE_SUGGESTS "nftables, iproute2, tshark")
set(CPACK_DEBIAN_TOOLS_PACKAGE_CONTROL_EXTRA
  "${PROJECT_SOURCE_DIR}/packaging/postinst;${PROJECT_SOURCE_DIR}/packaging/postrm")
set(CPACK_DEBIAN_TOOLS_DESCRIPTION
"opens, holds and closes TCP connections by hand
tcp-handshake, tcp-teardown, tcp-keepalive and tcp-script lead TCP
connections to any host segment by segment, as client or server, over IPv4
and IPv6: what is sent can be changed, withheld or repeated, what comes
back is judged by RFC 9293, and every step is shown, as a ladder, as JSON
or as pcapng.
.
tcpcraft says what a host lacks for that, and tcpcraft-allow lets a group
of users work without being root.")

include(CPack)
