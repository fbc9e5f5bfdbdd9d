" Colours for scripts of tcp-script: copy to ~/.vim/syntax/pkt.vim, and into ~/.vim/filetype.vim:
"   au BufRead,BufNewFile *.pkt setfiletype pkt
if exists("b:current_syntax")
  finish
endif

syn match pktComment "//.*$"
syn match pktComment "#.*$"
syn region pktComment start="/\*" end="\*/"
syn region pktString start=+"+ skip=+\\.+ end=+"+
syn region pktShell start="`" end="`"
syn region pktCode start="%{" end="}%"
syn match pktOption "^--\w\+"
syn match pktTime "^\s*\zs[+]\?\d*\.\?\d\+\(\(\~+\?\|\.\.\.\)\d*\.\?\d\+\)\?"
syn match pktTime "^\s*\zs\*"
syn match pktInbound "\s\zs<\ze\s"
syn match pktOutbound "\s\zs[~?]\?>\ze\s"
syn match pktSequence "\<\(\d\+\|\*\):\(\d\+\|\*\)(\(\d\+\|\*\))!\?"
syn keyword pktWord ack win urg mtu ttl tos flowlabel noecn ect0 ect1 ect01 ce icmp
syn keyword pktTcpOption mss wscale sackOK sack TS val ecr nop eol FO FOEXP md5 uto ao mptcp ECN
syn keyword pktCall socket bind listen accept connect read recv write send close shutdown
syn keyword pktCall setsockopt getsockopt fcntl poll sendto recvfrom sendmsg recvmsg ioctl
syn match pktSymbol "\<[A-Z][A-Z0-9]*_[A-Z0-9_]\+\>"
syn match pktError "\<E[A-Z]\{3,}\>"

hi def link pktComment Comment
hi def link pktString String
hi def link pktShell PreProc
hi def link pktCode PreProc
hi def link pktOption Special
hi def link pktTime Number
hi def link pktInbound Statement
hi def link pktOutbound Type
hi def link pktSequence Number
hi def link pktWord Keyword
hi def link pktTcpOption Identifier
hi def link pktCall Function
hi def link pktSymbol Constant
hi def link pktError Error

let b:current_syntax = "pkt"
