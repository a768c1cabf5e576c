cli_SOURCES_ROOM = src/cli/cli.h src/cli/cmd_apply.c src/cli/cmd_bench.c src/cli/cmd_calibrate.c src/cli/cmd_dataset.c src/cli/cmd_eval.c src/cli/cmd_extract.c src/cli/cmd_info.c src/cli/cmd_link.c src/cli/cmd_predict.c src/cli/cmd_time.c src/cli/cmd_train.c src/cli/data_dirs.c src/cli/inputs.c \
  src/cli/main.c src/cli/options.c src/cli/time21_run.c src/cli/time21_run.h src/cli/timing_run.c
