# What Doxygen reads of a header: each room becomes a group, and what the compiler makes or refuses
# needs no sentence of its own. Lines keep their numbers.
FNR == 1 {
    count = split(FILENAME, part, "/")
    for (i = 1; i < count; i++) {
        if (part[i] == "libtcpcraft") {
            room = part[i + 1] (part[i + 2] == "raw" ? "_raw" : "")
        }
    }
}
# The command takes two lines.
opened { $0 = "@{ */ " $0; opened = 0 }
/^namespace tcpcraft(::wire)? \{/ { $0 = $0 " /** @addtogroup " room; opened = 1 }
/^\}  \/\/ namespace tcpcraft/ { $0 = "/** @} */ }" }
/\) (noexcept )?= delete;/ { $0 = "" }
/^ *friend .*operator(==|<=>)\(.*= default;/ { sub(/friend/, "/** Member by member. */ friend") }
/^ *(virtual )?~[A-Za-z]+\(\)( override)?( = default)?;/ { sub(/^ */, "&/** Ends it. */ ") }
/^ *(constexpr )?[A-Za-z]+\(\)( noexcept)? = default;/ { sub(/^ */, "&/** Empty. */ ") }
/^ *[A-Za-z]+\([A-Za-z]+&&( other)?\) noexcept( = default)?;/ { sub(/^ */, "&/** Takes what the other had. */ ") }
/^ *[A-Za-z]+& operator=\([A-Za-z]+&&( other)?\) noexcept( = default)?;/ {
    sub(/^ */, "&/** Takes what the other had. */ ")
}
# Not a link.
{ gsub(/#WHICH/, "\\\\#WHICH") }
{ print }
