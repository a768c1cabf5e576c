parsers_SOURCES_ROOM = parsers/scan.c parsers/scan.h
