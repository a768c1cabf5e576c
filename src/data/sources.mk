data_SOURCES_ROOM =
data_SOURCES_ROOM += src/data/dataset.c
data_SOURCES_ROOM += src/data/dataset.h
data_SOURCES_ROOM += src/data/molecules.c
data_SOURCES_ROOM += src/data/node_folder.c
data_SOURCES_ROOM += src/data/tu.c
