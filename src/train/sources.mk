train_SOURCES_ROOM = src/train/best.c src/train/graph.c src/train/label_propagation.c src/train/node.c src/train/optim.c src/train/options.c src/train/presets.c src/train/task.c src/train/train.h
