autograd_SOURCES_ROOM = src/autograd/op_arcs.c src/autograd/op_common.h src/autograd/op_dense.c src/autograd/op_graph.c src/autograd/op_loss.c src/autograd/op_lut.c \
  src/autograd/op_maps.c src/autograd/op_norm.c src/autograd/op_plaplacian.c src/autograd/op_shape.c src/autograd/ops.c src/autograd/tape.c src/autograd/tape.h
