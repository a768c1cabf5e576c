trees_SOURCES_ROOM =
trees_SOURCES_ROOM += src/trees/boost.c
trees_SOURCES_ROOM += src/trees/boost.h
trees_SOURCES_ROOM += src/trees/boost_many.c
