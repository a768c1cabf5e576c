models_SOURCES_ROOM = src/models/model.c src/models/model.h src/models/propagate.c src/models/stack.c
