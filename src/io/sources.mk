io_SOURCES_ROOM = src/io/safetensors.c src/io/safetensors.h
