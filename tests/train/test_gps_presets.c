/* The published sizes of GPS, parameter by parameter, and that the presets' layers run. */
#include "weft/train.h"

#include <criterion/criterion.h>

static const struct { const char *preset; int64_t parameters; } published[] = {
    {"zinc", 423717}, {"mnist", 115394}, {"cifar10", 112726}, {"pattern", 337201}, {"cluster", 502054}, {"molhiv", 558625}, {"peptides-func", 504362},
    {"pcqm4mv2-small", 6152001}, {"pcqm4mv2-medium", 19414641}, {"pcqm4mv2-deep", 13807345}};

Test(gps_presets, parameters_as_published)
{
    for (size_t i = 0; i < sizeof published / sizeof *published; i++) {
        weft_train_options_t o;
        weft_model_t *m = NULL;
        cr_assert_eq(weft_train_defaults(&o, "gps", NULL, published[i].preset, NULL), WEFT_OK, "%s", published[i].preset);
        cr_assert(weft_train_preset_columns("gps", published[i].preset, &o.model.in, &o.model.edge_in, &o.model.out));
        cr_assert_eq(weft_model_new(&m, &o.model, 0, NULL), WEFT_OK, "%s", published[i].preset);
        cr_expect_eq(weft_params_count(weft_model_params(m)), published[i].parameters, "%s: %lld, published %lld", published[i].preset, (long long)weft_params_count(weft_model_params(m)),
                     (long long)published[i].parameters);
        weft_model_free(m);
    }
}

Test(gps_presets, unknown_preset)
{
    int64_t in = 1, edge_in = 2, out = 3;
    cr_assert(!weft_train_preset_columns("gps", "none such", &in, &edge_in, &out));
    cr_assert(in == 1 && edge_in == 2 && out == 3);
}
