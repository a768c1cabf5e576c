graph_SOURCES_ROOM = src/graph/gather_avx2.c src/graph/gather_avx512.c src/graph/gather_base.c src/graph/gather_body.h src/graph/graph.c \
  src/graph/graph.h src/graph/sddmm.c src/graph/sddmm.h src/graph/spmm.c src/graph/spmm.h
