circuit_SOURCES_ROOM = src/circuit/design.c src/circuit/elaborate.c src/circuit/elaborate.h src/circuit/extract.c src/circuit/spef_build.c src/circuit/spef_build.h src/circuit/turn.h src/circuit/library_arc.c \
  src/circuit/library_build.h src/circuit/library_cell.c src/circuit/library_expr.c src/circuit/library_table.c \
  src/circuit/link_library.c src/circuit/link_placement.c src/circuit/link_netlist.c src/circuit/link_sdc.c src/circuit/link_spef.c \
  src/circuit/path_query.c src/circuit/sdc_call.c src/circuit/sdc_call.h src/circuit/sdc_clocks.c src/circuit/sdc_commands.c src/circuit/sdc_commands.h \
  src/circuit/sdc_environment.c src/circuit/sdc_paths.c src/circuit/sdc_query.c src/circuit/sdc_records.c src/circuit/sdc_records.h
