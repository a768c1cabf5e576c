encoding_SOURCES_ROOM =
encoding_SOURCES_ROOM += src/encoding/lappe.c
encoding_SOURCES_ROOM += src/encoding/rwse.c
