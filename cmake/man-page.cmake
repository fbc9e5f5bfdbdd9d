# Puts a man page's source together: {{NAME}} stands for shared/NAME.scd, {{version}} for the version.
# cmake -D PAGE=… -D SHARED=… -D VERSION=… -D OUT=… -P man-page.cmake
file(READ "${PAGE}" text)
foreach(round RANGE 1) # what is put in may ask for more
  file(GLOB parts "${SHARED}/*.scd")
  foreach(part IN LISTS parts)
    get_filename_component(name "${part}" NAME_WE)
    file(READ "${part}" content)
    string(REGEX REPLACE "\n$" "" content "${content}")
    string(REPLACE "{{${name}}}" "${content}" text "${text}")
  endforeach()
endforeach()
string(REPLACE "{{version}}" "${VERSION}" text "${text}")
# In a block scdoc takes a backslash for its own; the block is a command that people copy.
string(REPLACE "\\r\\n" "\\\\r\\\\n" text "${text}")
if(text MATCHES "{{[^}]*}}")
  message(FATAL_ERROR "${PAGE}: there is no shared/ part for ${CMAKE_MATCH_0}")
endif()
file(WRITE "${OUT}" "${text}")
