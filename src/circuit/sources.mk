circuit_SOURCES_ROOM =
