nn_SOURCES_ROOM = src/nn/dagnn.c src/nn/gat_conv.c src/nn/gatedgcn_conv.c src/nn/gatv2_conv.c src/nn/gcn_conv.c src/nn/gcnii_conv.c src/nn/gin.h \
  src/nn/gin_conv.c src/nn/gine_conv.c src/nn/heads.h src/nn/input.c src/nn/linear.c src/nn/mlp.c src/nn/names.h src/nn/norm.c src/nn/params.c src/nn/plaplacian_conv.c src/nn/pna_conv.c \
  src/nn/propagate.c src/nn/rgcn_conv.c src/nn/sage_conv.c src/nn/transformer_conv.c
