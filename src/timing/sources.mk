timing_SOURCES_ROOM = src/timing/arrivals.c src/timing/checks.c src/timing/checks.h src/timing/clocks.c src/timing/constants.c \
  src/timing/crpr.c src/timing/delay_calc.c src/timing/delay_calc.h src/timing/delay_ceff.c src/timing/delay_lumped.c \
  src/timing/delay_rows.h src/timing/delays.c src/timing/derate.c src/timing/derate.h src/timing/exceptions.c src/timing/exceptions.h src/timing/density.c src/timing/density.h src/timing/graph.c src/timing/latches.c src/timing/latches.h src/timing/levels.c src/timing/model_file.c src/timing/model_file.h src/timing/nldm.c \
  src/timing/nldm.h src/timing/rc_reduce.c src/timing/rc_reduce.h src/timing/report.c src/timing/report.h src/timing/report_json.c src/timing/required.c src/timing/settings.c src/timing/tags.c \
  src/timing/timer.c src/timing/timer.h src/timing/wire_source.h src/timing/write_csv.c src/timing/steiner.c src/timing/steiner.h src/timing/wire_model.c src/timing/wire_model.h
