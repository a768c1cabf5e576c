#!/usr/bin/env python3
"""Cases and values for tests/train/test_metrics.c, by scikit-learn where it has the metric and by plain numpy after OGB's definitions where it has not.
usage: metrics_sklearn.py >metrics.txt"""
import numpy as np
from sklearn import metrics as sk

rng = np.random.RandomState(7)


def case(name, value, *arrays):
    print(name, "%.17g" % value)
    for a in arrays:
        a = np.asarray(a)
        print(*a.shape, *("nan" if np.isnan(v) else repr(float(v)) for v in a.astype(np.float64).ravel()))


def f32(a):
    return np.asarray(a, np.float32).astype(np.float64)


for n in (5, 40, 200):
    positive = rng.rand(n) < 0.3
    positive[:2] = (True, False)
    fine, coarse = f32(rng.rand(n) + 0.4 * positive), np.round(rng.rand(n) * 4 + positive) / 4  # coarse: many ties
    for score in (fine, coarse, np.zeros(n)):
        case("roc_auc", sk.roc_auc_score(positive, score), score, positive)
        case("ap", sk.average_precision_score(positive, score), score, positive)
for n, classes in ((7, 3), (300, 5), (300, 12)):
    label = rng.randint(0, classes - 1, n)  # the last class never occurs as a label
    predicted = np.where(rng.rand(n) < 0.6, label, rng.randint(0, classes, n))
    case("accuracy", sk.accuracy_score(label, predicted), label, predicted)
    case("f1_micro", sk.f1_score(label, predicted, average="micro", zero_division=0), label, predicted)
    case("f1_macro", sk.f1_score(label, predicted, average="macro", zero_division=0), label, predicted)
for n in (2, 9, 60):
    truth = f32(rng.randn(n) * 3 + 5)
    predicted = f32(truth + rng.randn(n))
    for x in (predicted, truth, truth[::-1].copy()):
        case("mae", sk.mean_absolute_error(truth, x), truth, x)
        case("rmse", np.sqrt(sk.mean_squared_error(truth, x)), truth, x)
        case("r2", sk.r2_score(truth, x), truth, x)
constant = np.full(6, 2.5)
case("r2", sk.r2_score(constant, constant), constant, constant)
case("r2", sk.r2_score(constant, constant + 1), constant, constant + 1)
for n_pos, n_neg in ((20, 100), (60, 300), (5, 3)):
    pos, neg = np.round(rng.rand(n_pos) * 20 + 6) / 20, np.round(rng.rand(n_neg) * 20) / 20
    for k in (1, 3, 10, 50, 100):
        hits = 1.0 if n_neg < k else (pos > np.sort(neg)[-k]).mean()
        case("hits@%d" % k, hits, pos, neg)
for n, m in ((1, 1), (30, 20), (20, 50)):
    pos, neg = np.round(rng.rand(n) * 12 + 2) / 12, np.round(rng.rand(n, m) * 12) / 12
    optimistic, pessimistic = (neg > pos[:, None]).sum(1), (neg >= pos[:, None]).sum(1)
    case("mrr", (1.0 / (0.5 * (optimistic + pessimistic) + 1)).mean(), pos, neg)
for n, columns in ((60, 4), (90, 9)):
    target = (rng.rand(n, columns) < 0.2).astype(float)
    target[:, 0] = 0  # no positive: left out
    target[rng.rand(n, columns) < 0.2] = np.nan
    score = f32(rng.rand(n, columns) + 0.5 * np.nan_to_num(target))
    auc, ap = [], []
    for c in range(columns):
        there = ~np.isnan(target[:, c])
        y = target[there, c]
        if (y == 1).any() and (y == 0).any():
            auc.append(sk.roc_auc_score(y, score[there, c]))
            ap.append(sk.average_precision_score(y, score[there, c]))
    case("roc_auc_columns", np.mean(auc), score, target)
    case("ap_columns", np.mean(ap), score, target)
