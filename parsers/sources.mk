parsers_SOURCES_ROOM = parsers/scan.c parsers/scan.h parsers/liberty.c parsers/sdc.c parsers/sdc.h parsers/spef.c parsers/verilog.c
parsers_HEADERS_ROOM = include/weft/liberty.h include/weft/spef.h include/weft/verilog.h
