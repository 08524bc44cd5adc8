"""The classification protocol on a made-up source whose right answers are known."""

import json

import numpy as np
import pytest

from ecgclip.errors import RecordError
from ecgclip.evaluation.bootstrap import RESAMPLES
from ecgclip.evaluation.classify.labels import read_taxonomy
from ecgclip.evaluation.classify.photos import Photos, spread
from ecgclip.evaluation.classify.protocol import evaluate_classify
from ecgclip.evaluation.classify.settings import ClassifySettings, Folds, Part
from ecgclip.evaluation.classify.subgroups import traits_of
from ecgclip.evaluation.retrieval.corpus import LabelledCase
from ecgclip.evaluation.statements import read_statements
from ecgclip.paper.page import CanonicalPage
from tests.evaluation.classify.fakes import TABLE, MadeUp, Oracle


def photographed(level, case_ids):
    """S1 shows every page as it is, S2 refuses the first, S3 shows every case as one of the next kind."""
    kinds = [int(case_id[-5:]) % 4 for case_id in case_ids]
    shown = [(kind + (level == "S3")) % 4 for kind in kinds]
    traces = np.zeros((4, 1000), np.float32)
    pages = [CanonicalPage(np.full((64, 128), kind, np.uint8), traces) for kind in shown]
    return [None if level == "S2" and i == 0 else page for i, page in enumerate(pages)]


@pytest.fixture(scope="module")
def evaluate(tmp_path_factory):
    table = tmp_path_factory.mktemp("ptbxl") / "scp_statements.csv"
    table.write_text(TABLE)

    def run(test_fold=9, parts=tuple(Part), label_sets=None, **more):
        return evaluate_classify(
            Oracle(),
            MadeUp(),
            read_statements(table),
            read_taxonomy(table, label_sets),
            rng=np.random.default_rng(0),
            settings=ClassifySettings(draws=2, resamples=40, folds=Folds((8, 10), test_fold), parts=parts),
            **more,
        )

    return run


@pytest.fixture(scope="module")
def results(evaluate):
    return evaluate(photos=Photos(photographed, ("S2", "S3", "S1"), 12))


def test_cases_and_classes_are_counted(results):
    assert (results.test_cases, results.train_cases, results.test_patients) == (28, 56, 14)
    tasks = {task.labels: task for task in results.tasks}
    assert (tasks["superclass"].test_cases, tasks["superclass"].classes) == (21, 3)
    assert (tasks["code six"].test_cases, tasks["code six"].classes) == (28, 1)
    assert tasks["form"].left_out == ("PVC",)
    assert ClassifySettings().resamples == RESAMPLES


def test_a_model_that_knows_the_labels_tells_everything(results):
    whole = [score for score in results.supervised if (score.method, score.share) == ("model", 1.0)]
    assert len(whole) == 8
    for score in whole:
        figures = (score.auroc.low, score.auroc.value, score.mean_average_precision)
        assert figures == pytest.approx((1, 1, 1))
        assert score.f1 is None or score.f1.value == 1
    few = [score for score in results.supervised if (score.method, score.share) == ("model", 0.01)]
    assert {score.draws for score in few} == {2}
    assert all(score.records < 10 for score in few)


def test_methods_have_their_ways(results):
    ways = {(score.method, score.way) for score in results.supervised}
    probed = ("model", "random encoder", "signal spectrum", "heart rate only")
    oracle = ("text oracle (TF-IDF)", "20 neighbours")
    assert ways == {(name, way) for name in probed for way in ("linear probe", "20 neighbours")} | {oracle}


def test_zero_shot_finds_the_words(results):
    found = {(one.labels, one.words): one.auroc.value for one in results.zero_shot}
    assert len(found) == 12
    for words in ("english", "german", "english and german"):
        assert found["superclass", words] == 1
        assert found["rhythm", words] >= 0.75  # of SR no record's vector knows; AFIB's does


def test_groups_are_parts_of_the_whole(results):
    groups = {(group.trait, group.value): group for group in results.groups}
    assert groups["all", ""].cases == 28
    for trait in ("language", "age", "sex"):
        assert sum(group.cases for (one, _), group in groups.items() if one == trait) == 28
    assert groups["sex", "unknown"].cases == sum(number % 2 == 0 for number in range(1, 84, 3))
    assert groups["age", "under 40"].cases == sum(number < 40 for number in range(1, 84, 3))
    assert groups["all", ""].auroc.value == 1
    assert groups["all", ""].ndcg_at_10.value == pytest.approx(1)


def test_people_without_an_age_have_a_group_and_those_over_89_too():
    ages = [
        traits_of(LabelledCase("x/1", "1", 9, "", frozenset(), age))["age"]
        for age in (None, 39, 40, 60, 80, 90)
    ]
    assert ages == ["unknown", "under 40", "40-59", "60-79", "80 and over", "80 and over"]


def test_photos_are_set_against_the_pages_of_the_same_cases(results):
    same, other, _ = results.photos
    assert (same.level, same.photos, same.refused) == ("S2", 12, 1)
    assert (other.level, other.photos, other.refused) == ("S3", 12, 0)
    model = [score for score in same.scores if score.method == "model" and score.figure != "form, probe"]
    assert {score.figure for score in model} >= {"nDCG@10", "superclass, 20 neighbours", "superclass, probe"}
    for score in model:
        assert (score.photo.value, score.change.value, score.change.low) == pytest.approx((1, 0, 0))
    for score in other.scores:
        if score.method == "model" and score.figure == "nDCG@10":
            assert score.photo.value < 0.7
            assert score.change.value == pytest.approx(score.photo.value - score.record.value)
            assert score.change.high < 0


def test_a_page_has_one_figure_whatever_the_level(results):
    _, other, same = results.photos
    assert [score.record for score in same.scores] == [score.record for score in other.scores]
    assert all(score.change.value == 0 for score in same.scores if score.method == "model")


def test_photos_are_spread_over_the_cases():
    assert spread(28, None) == list(range(28))
    assert spread(5, 9) == list(range(5))
    assert spread(28, 0) == []


def test_the_results_are_json_and_a_table(results):
    values = json.loads(json.dumps(results.to_json()))
    assert values["protocol"] == "classify"
    assert values["zero_shot_note"].startswith("in-domain")
    assert len(values["supervised"]) == len(results.supervised)
    text = results.table()
    for words in ("in-domain: PTB-XL reports were seen", "Macro F1", "heart rate only", "80 and over", "S3"):
        assert words in text


def test_a_part_alone_says_what_it_says_among_all(evaluate, results):
    alone = evaluate(parts=(Part.ZERO_SHOT,))
    assert alone.zero_shot == results.zero_shot
    assert (alone.supervised, alone.groups) == ((), ())
    assert "in-domain" in alone.table()
    assert "Subgroups" not in alone.table()
    six = evaluate(parts=(Part.PROBE,), label_sets=("code six",))
    assert [task.labels for task in six.tasks] == ["code six"]
    assert six.supervised
    assert {score.labels for score in six.supervised} == {"code six"}
    assert (six.zero_shot, six.groups) == ((), ())


class Noise:
    name = "noise"

    def features(self, records):
        return np.random.default_rng(0).normal(size=(len(records), 3)).astype(np.float32)

    def similarity(self, queries, gallery):
        return queries @ gallery.T


def test_what_stands_beside_a_method_changes_none_of_its_figures(evaluate, results):
    beside = evaluate(parts=(Part.PROBE,), more=[Noise()])
    assert [score for score in beside.supervised if score.method != "noise"] == list(results.supervised)
    six = evaluate(parts=(Part.PROBE,), label_sets=("code six",))
    assert list(six.supervised) == [score for score in results.supervised if score.labels == "code six"]


def test_an_empty_side_of_the_split_is_told(evaluate):
    with pytest.raises(RecordError, match="56 training and 0 test cases were found; expected a folder"):
        evaluate(test_fold=7)
