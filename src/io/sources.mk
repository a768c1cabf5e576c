io_SOURCES_ROOM = src/io/npy.c src/io/npy.h src/io/safetensors.c src/io/safetensors.h
