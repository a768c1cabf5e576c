predict_SOURCES_ROOM = src/predict/calibrate.c src/predict/net_rows.c src/predict/net_rows.h
