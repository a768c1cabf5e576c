models_SOURCES_ROOM =
models_SOURCES_ROOM += src/models/gps.c
models_SOURCES_ROOM += src/models/model.c
models_SOURCES_ROOM += src/models/model.h
models_SOURCES_ROOM += src/models/propagate.c
models_SOURCES_ROOM += src/models/stack.c
