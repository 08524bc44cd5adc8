"""The retrieval protocol on a made-up source whose right answers are known."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
import pytest

from ecgclip.errors import ConfigError, RecordError
from ecgclip.evaluation.metrics import jaccard, ndcg_per_query
from ecgclip.evaluation.retrieval.corpus import read_corpus
from ecgclip.evaluation.retrieval.protocol import ModelMethod, evaluate_retrieval
from ecgclip.evaluation.statements import Statements
from ecgclip.evaluation.tables import plain
from ecgclip.records.ecg import Ecg

STATEMENTS = Statements({"NORM": "NORM", "IMI": "MI", "LVH": "HYP", "CLBBB": "CD", "SR": "", "AFIB": ""})
REPORTS = {
    "NORM": "sinus rhythm. normal ecg",
    "IMI": "inferior infarct",
    "LVH": "linkshypertrophie",
    "CLBBB": "linksschenkelblock",
}
KINDS = tuple(REPORTS)


@dataclass(frozen=True)
class MadeUp:
    """Records 0..n-1; kind = number % 4, fold = number % 3 + 8, two records a patient, every 7th broken."""

    count: int = 90
    name: str = "made-up"

    @property
    def ids(self) -> Sequence[str]:
        return [f"{i:05d}" for i in range(self.count)]

    def read(self, record_id: str) -> Ecg:
        number = int(record_id)
        if number % 7 == 6:
            raise RecordError(f"{record_id} is broken")
        kind = KINDS[number % 4]
        signal = np.random.default_rng(number).normal(0, 0.3, (12, 1000)).astype(np.float32)
        signal[number % 4] += 5.0 * np.sin(np.arange(1000) / 8).astype(np.float32)
        codes = {kind: 100.0, "SR": 0.0, "NOT A STATEMENT": 50.0}
        report = REPORTS[kind] if number % 2 else f"{REPORTS[kind]} nr {number}"
        return Ecg(
            signal,
            100.0,
            record_id,
            "made-up",
            report,
            codes,
            patient_id=f"{number // 6}",
            fold=number % 3 + 8,
        )


class Oracle:
    """Knows the kind from the record's codes and from the report's words, as a perfect model would."""

    def embed_records(self, records):
        return self._unit([KINDS.index(next(code for code in r.codes if code in KINDS)) for r in records])

    def embed_reports(self, reports):
        return self._unit([next(i for i, kind in enumerate(KINDS) if REPORTS[kind] in r) for r in reports])

    def _unit(self, kinds):
        return np.eye(4, dtype=np.float32)[kinds]


def evaluate(*models, **keywords):
    settings = {
        "queries_fold": 9,
        "gallery_folds": (8, 10),
        "rng": np.random.default_rng(0),
        "resamples": 100,
    }
    return evaluate_retrieval(models, MadeUp(), STATEMENTS, **(settings | keywords))


@pytest.fixture(scope="module")
def results():
    return evaluate(ModelMethod(Oracle()))


def test_the_split_is_what_the_folds_say(results):
    good = [i for i in range(90) if i % 7 != 6]
    assert results.queries == sum(i % 3 == 1 for i in good)
    assert results.gallery == sum(i % 3 != 1 for i in good)
    assert results.patients == len({i // 6 for i in good if i % 3 == 1})
    assert [s.record for s in results.skipped] == [f"{i:05d}" for i in range(6, 90, 7)]


def test_a_model_that_knows_the_labels_scores_one(results):
    model = next(m for m in results.methods if m.name == "model")
    for interval in (model.labels.ndcg_at_10, model.labels.knn_auroc, model.labels.mean_average_precision):
        assert (interval.low, interval.value, interval.high) == pytest.approx((1, 1, 1))
    assert model.labels.ndcg_over_spectrum.value >= 0


def test_collapsed_recall_is_never_below_strict(results):
    for pairs in (method.pairs for method in results.methods if method.pairs):
        assert pairs.image_to_report_collapsed.at_1.value >= pairs.image_to_report.at_1.value
        assert pairs.report_to_image_collapsed.at_10.value >= pairs.report_to_image.at_10.value


def test_strict_recall_of_the_oracle_follows_from_the_sizes_of_the_kinds(results):
    """All of a kind tie, and ties go to the lower row: the first k of each kind are hit, the others not."""
    kinds = [i % 4 for i in range(90) if i % 7 != 6 and i % 3 == 1]
    place = [kinds[:i].count(kind) for i, kind in enumerate(kinds)]
    pairs = next(m for m in results.methods if m.name == "model").pairs
    hits = [100 * np.mean([p < k for p in place]) for k in (1, 5, 10)]
    ours = [pairs.image_to_report.at_1, pairs.image_to_report.at_5, pairs.image_to_report.at_10]
    assert [interval.value for interval in ours] == pytest.approx(hits)
    assert pairs.rsum.value == pytest.approx(2 * sum(hits))


def test_baselines_find_the_kind_by_the_lead_with_the_sine_and_by_the_words(results):
    scores = {method.name: method.labels for method in results.methods}
    assert scores["signal spectrum"].knn_auroc.value > 0.9
    assert scores["text oracle (TF-IDF)"].knn_auroc.value > 0.99
    assert scores["heart rate only"].ndcg_at_10.value < scores["signal spectrum"].ndcg_at_10.value
    spectrum = scores["signal spectrum"].ndcg_over_spectrum
    assert (spectrum.low, spectrum.value, spectrum.high) == (0, 0, 0)


def test_relevance_is_the_jaccard_index_of_known_statements(results):
    """By hand: each record has its kind and SR, and a code that is no statement."""
    good = [i for i in range(90) if i % 7 != 6]
    sets = np.array([[i % 4 == kind for kind in range(4)] + [True] for i in good])
    query = np.array([i % 3 == 1 for i in good])
    corpus = read_corpus(MadeUp(), [ModelMethod(Oracle())], (8, 9, 10))
    vectors = corpus.features["model"]
    relevance = jaccard(sets[query], sets[~query])
    expected = ndcg_per_query(vectors[query] @ vectors[~query].T, relevance).mean()
    model = next(m for m in results.methods if m.name == "model")
    assert model.labels.ndcg_at_10.value == pytest.approx(expected)


def test_precision_by_superclass_is_that_of_the_queries_of_the_class(results):
    good = [i for i in range(90) if i % 7 != 6]
    model = next(m for m in results.methods if m.name == "model")
    for one in model.labels.by_class:
        kind = {"NORM": 0, "MI": 1, "HYP": 2, "CD": 3}.get(one.superclass)
        asked = [i for i in good if i % 3 == 1 and i % 4 == kind]
        prior = [i for i in good if i % 3 != 1]
        assert one.queries == len(asked)
        assert one.prior_percent == pytest.approx(100 * sum(i % 4 == kind for i in prior) / len(prior))
        if asked:
            found = 100 * min(10, sum(i % 4 == kind for i in prior)) / 10
            assert one.precision_at_10.value == pytest.approx(found)
            assert one.mean_average_precision.value == pytest.approx(1)
        else:
            assert np.isnan(one.precision_at_10.value)


class Halfway(Oracle):
    """Knows the first lead's kind, and takes all others for one."""

    def embed_records(self, records):
        return self._unit([0 if "NORM" in record.codes else 1 for record in records])


def test_several_models_stand_side_by_side_with_mean_and_range(results):
    both = evaluate(ModelMethod(Oracle(), "one"), ModelMethod(Halfway(), "two"))
    assert [method.name for method in both.methods[:2]] == ["one", "two"]
    spread = {one.figure: one for one in both.over_models()}
    values = [method.labels.ndcg_at_10.value for method in both.methods[:2]]
    assert spread["nDCG@10"].mean == pytest.approx(np.mean(values))
    assert (spread["nDCG@10"].low, spread["nDCG@10"].high) == (values[1], values[0])
    assert values[1] < values[0] == pytest.approx(1)
    document = json.loads(json.dumps(both.to_json(), allow_nan=False))
    assert document["over_models"][0]["mean"] == pytest.approx(np.mean(values))
    assert f"{np.mean(values):.3f} ({values[1]:.3f} to 1.000)" in both.table()
    assert results.over_models() == ()
    assert "over the models" not in results.table()


def test_models_of_one_name_are_refused():
    with pytest.raises(ConfigError, match="two methods are called 'model'"):
        evaluate(ModelMethod(Oracle()), ModelMethod(Oracle()))


class Kinds:
    """A method without words, as a network over the signal is."""

    name = "the signal itself"

    def features(self, records):
        return Oracle().embed_records(records)

    def similarity(self, queries, gallery):
        return queries @ gallery.T


def test_a_method_beside_the_model_is_measured_like_the_others(results):
    scores = evaluate(beside=[Kinds()]).methods[0]
    assert (scores.name, scores.pairs, scores.is_model) == ("the signal itself", None, False)
    assert plain(asdict(scores.labels)) == plain(asdict(results.methods[0].labels))


def test_the_results_are_json_and_a_table(results):
    document = json.loads(json.dumps(results.to_json(), allow_nan=False))
    assert document["protocol"] == "retrieval"
    assert document["methods"][0]["labels"]["ndcg_at_10"]["value"] == pytest.approx(1)
    assert document["methods"][-1]["pairs"] is None
    table = results.table()
    assert "1.000 [1.000 1.000]" in table
    assert "text oracle (TF-IDF)" in table
    assert "were skipped" in table
    assert max(map(len, table.splitlines())) <= 160


def test_the_same_seed_gives_the_same_figures(results):
    assert evaluate(ModelMethod(Oracle())).to_json() == results.to_json()


def test_without_a_model_the_baselines_remain():
    names = [method.name for method in evaluate(resamples=10).methods]
    assert names == ["random encoder", "signal spectrum", "heart rate only", "text oracle (TF-IDF)"]


def test_folds_that_the_source_lacks_are_told():
    with pytest.raises(RecordError, match=r"0 queries and \d+ gallery records"):
        evaluate(queries_fold=3)
    with pytest.raises(RecordError, match="none of 90 records is of the folds"):
        evaluate(queries_fold=3, gallery_folds=(1, 2))


def test_a_record_without_patient_is_its_own_patient():
    class Nameless(MadeUp):
        def read(self, record_id):
            ecg = super().read(record_id)
            return Ecg(ecg.signal_mv, 100.0, record_id, "nameless", fold=9)

    corpus = read_corpus(Nameless(20), [], (9,))
    assert len({case.patient for case in corpus.cases}) == len(corpus.cases)


def test_a_record_of_a_moment_is_left_out_and_the_others_are_measured():
    class Cut(MadeUp):
        def read(self, record_id):
            ecg = super().read(record_id)
            return ecg if record_id != self.ids[3] else replace(ecg, signal_mv=ecg.signal_mv[:, :12])

    whole, corpus = read_corpus(MadeUp(), [], range(11)), read_corpus(Cut(), [], range(11))
    assert len(corpus.cases) == len(whole.cases) - 1
    (skipped,) = set(corpus.skipped) - set(whole.skipped)
    assert "0.12 s of it fall on the canonical page" in skipped.reason


def test_progress_counts_to_the_end():
    seen = []
    read_corpus(MadeUp(), [], (9,), lambda done, total: seen.append((done, total)))
    assert seen == [(64, 90), (90, 90)]
