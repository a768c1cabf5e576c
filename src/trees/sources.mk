trees_SOURCES_ROOM = src/trees/boost.c src/trees/boost.h
