parsers_SOURCES_ROOM = parsers/scan.c parsers/scan.h parsers/words.h parsers/def.c parsers/lef.c parsers/liberty.c parsers/sdc.c parsers/sdc.h parsers/spef.c parsers/verilog.c
parsers_HEADERS_ROOM = include/weft/def.h include/weft/lef.h include/weft/liberty.h include/weft/spef.h include/weft/verilog.h
