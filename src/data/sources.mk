data_SOURCES_ROOM = src/data/dataset.c src/data/dataset.h src/data/molecules.c src/data/node_folder.c src/data/tu.c
