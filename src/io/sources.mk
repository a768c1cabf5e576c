io_SOURCES_ROOM =
io_SOURCES_ROOM += src/io/npy.c
io_SOURCES_ROOM += src/io/npy.h
io_SOURCES_ROOM += src/io/safetensors.c
io_SOURCES_ROOM += src/io/safetensors.h
io_SOURCES_ROOM += src/io/svg.c
io_SOURCES_ROOM += src/io/npz.c
io_SOURCES_ROOM += src/io/npz.h
