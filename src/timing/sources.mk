timing_SOURCES_ROOM =
