tensor_SOURCES_ROOM = src/tensor/gemm.c src/tensor/gemm.h src/tensor/gemm_ref.c src/tensor/lanes.c src/tensor/lanes.h src/tensor/tile.h \
  src/tensor/tile_avx2.c src/tensor/tile_avx512.c src/tensor/tile_base.c src/tensor/tile_body.h
