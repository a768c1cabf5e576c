base_SOURCES_ROOM = src/base/alloc.c src/base/alloc.h src/base/crew.c src/base/crew.h src/base/diag.c src/base/isa.c src/base/isa.h src/base/model_path.c src/base/model_path.h src/base/names.c \
  src/base/out_file.c src/base/real.h src/base/rng.c src/base/rng.h src/base/status.h src/base/text_file.c src/base/text_file.h src/base/threads.c src/base/version.c
