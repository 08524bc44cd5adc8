"""What each statement must show, measured in the drawn leads as a reader of ECGs would."""

import numpy as np
import pytest

SEEDS = range(8)


@pytest.mark.parametrize("code", ["CLBBB", "CRBBB", "IVCD"])
def test_complete_blocks_are_broad(read, code):
    widths = [read(code, seed=s, bpm=65).qrs_s for s in SEEDS]
    assert np.median(widths) > 0.122
    assert min(widths) > 0.112


def test_other_beats_are_narrow(read):
    for code in ("SR", "LAFB", "LPFB", "LAD", "LVH", "AFIB", "JUNC"):
        assert max(read(code, seed=s).qrs_s for s in range(4)) < 0.120, code


def test_incomplete_blocks_lie_between(read):
    for code in ("IRBBB", "ILBBB"):
        assert 0.095 < np.median([read(code, seed=s, bpm=65).qrs_s for s in SEEDS]) < 0.120


def test_ventricular_and_paced_beats_are_broad(read):
    assert np.median([read("PACE", seed=s).qrs_s for s in SEEDS]) > 0.130


def test_right_bundle_block_ends_upwards_in_v1_and_left_block_downwards(read):
    for seed in SEEDS:
        right, left = read("CRBBB", seed=seed, bpm=65), read("CLBBB", seed=seed, bpm=65)
        v1, v6 = right.qrs("V1"), right.qrs("V6")
        late = slice(len(v1) * 6 // 10, len(v1) * 9 // 10)
        assert v1[late].max() > 0.2
        assert v6[late].min() < -0.1  # the broad S
        assert left.qrs("V1").sum() < 0 < left.qrs("V6").sum()
        first_half = left.qrs("V6")[: len(left.qrs("V6")) // 2]
        assert first_half.min() > -0.1  # no septal q


def test_left_bundle_block_has_opposite_t_waves(read):
    for seed in SEEDS:
        ecg = read("CLBBB", seed=seed, bpm=60)
        assert ecg.at("V6", 0.24) < -0.08
        assert ecg.at("V2", 0.24) > 0.08


@pytest.mark.parametrize(
    ("code", "low", "high"),
    [("LAD", -90, -30), ("LAFB", -90, -44), ("RAD", 90, 180), ("LPFB", 90, 180), ("NORM", -30, 90)],
)
def test_the_axis_is_in_its_quadrant(read, code, low, high):
    for seed in SEEDS:
        assert low <= read(code, seed=seed, bpm=65).axis_deg <= high


def test_fascicular_blocks_begin_against_their_axis(read):
    for seed in SEEDS:
        anterior, posterior = read("LAFB", seed=seed, bpm=65), read("LPFB", seed=seed, bpm=65)
        assert starts_upwards(anterior.qrs("III"))  # rS
        assert anterior.qrs("III").min() < -2 * anterior.qrs("III").max()
        assert starts_upwards(posterior.qrs("I"))  # rS
        assert not starts_upwards(posterior.qrs("III"))  # qR


def starts_upwards(qrs) -> bool:
    """Whether the first deflection of a tenth of the QRS's span is upright."""
    moved = np.flatnonzero(np.abs(qrs) > 0.06 * np.ptp(qrs))
    return bool(qrs[moved[0]] > 0)


RAISED = {
    "IMI": ("II", "III", "aVF"),
    "ASMI": ("V1", "V2", "V3"),
    "AMI": ("V2", "V3", "V4"),
    "ALMI": ("I", "aVL", "V3", "V4", "V5"),
    "LMI": ("I", "aVL", "V5", "V6"),
    "ILMI": ("II", "III", "aVF", "V5", "V6"),
}
RECIPROCAL = {"IMI": ("I", "aVL"), "LMI": ("III", "aVF"), "ALMI": ("III",), "ILMI": ("aVR",), "PMI": ("V2",)}


@pytest.mark.parametrize("wall", sorted(RAISED))
def test_acute_infarction_raises_st_over_its_wall_and_lowers_it_opposite(read, wall):
    for seed in SEEDS:
        ecg = read(wall, "STEMI", seed=seed, bpm=65)
        assert all(ecg.st(lead) > 0.07 for lead in RAISED[wall])
        assert all(ecg.st(lead) < -0.03 for lead in RECIPROCAL.get(wall, ()))


def test_posterior_infarction_is_the_mirror_of_an_anterior_one(read):
    for seed in SEEDS:
        acute, old, healthy = (read(*c, seed=seed, bpm=65) for c in (("PMI", "STEMI"), ("PMI",), ("SR",)))
        assert acute.st("V2") < -0.1
        ratio = lambda ecg: ecg.qrs("V2").max() / -ecg.qrs("V2").min()
        assert ratio(old) > 1.5 * ratio(healthy)


Q_LEADS = {"IMI": ("III", "aVF"), "ASMI": ("V1", "V2"), "AMI": ("V3",), "LMI": ("aVL", "V6"), "ALMI": ("V4",)}


@pytest.mark.parametrize("wall", sorted(Q_LEADS))
def test_old_infarction_begins_with_a_q_wave(read, wall):
    for seed in SEEDS:
        ecg = read(wall, seed=seed, bpm=65)
        assert all(q_wave(ecg.qrs(lead)) for lead in Q_LEADS[wall])


def q_wave(qrs) -> bool:
    """A first deflection downwards that lasts 20 ms or more and reaches 0.1 mV."""
    below = qrs < -0.02
    first = int(below.argmax())
    end = first + int((~below[first:]).argmax()) if not below[first:].all() else len(qrs)
    risen = first > 0 and qrs[:first].max() > 0.06
    return bool(below.any() and not risen and end - first >= 10 and qrs[first:end].min() < -0.1)


@pytest.mark.parametrize(
    ("code", "leads", "sign"),
    [
        ("STD_", ("II", "V5", "V6"), -1),
        ("INJAL", ("V4", "V5"), -1),
        ("INJIN", ("II", "III", "aVF"), -1),
        ("DIG", ("V5", "V6"), -1),
        ("LVH", ("V5", "V6"), -1),
        ("PERI", ("I", "II", "V4", "V5", "V6"), 1),
        ("PERI", ("aVR",), -1),
        ("EREP", ("V3", "V4", "V5"), 1),
        ("STE_", ("V3", "V4"), 1),
    ],
)
def test_st_levels(read, code, leads, sign):
    for seed in SEEDS:
        ecg = read(code, seed=seed, bpm=65)
        assert all(sign * ecg.st(lead) > 0.03 for lead in leads)


@pytest.mark.parametrize(
    ("code", "leads"),
    [("ISCAL", ("V4", "V5")), ("ISCAS", ("V2", "V3")), ("ISCIN", ("III", "aVF")), ("ISCLA", ("I", "V6"))],
)
def test_ischaemia_inverts_t(read, code, leads):
    for seed in SEEDS:
        assert all(t_mv(read(code, seed=seed, bpm=60), lead) < -0.05 for lead in leads)


def test_hyperkalaemia_has_tall_and_low_t_low_ones(read):
    for seed in SEEDS:
        normal = t_mv(read("SR", seed=seed, bpm=60), "V4")
        assert t_mv(read("EL", seed=seed, bpm=60), "V4") > 0.45
        assert abs(t_mv(read("LOWT", seed=seed, bpm=60), "V4")) < 0.5 * normal
        assert abs(t_mv(read("NDT", seed=seed, bpm=60), "V4")) < 0.5 * normal


def t_mv(ecg, lead: str) -> float:
    """The largest deflection from 180 to 340 ms after R."""
    values = [ecg.at(lead, t) for t in np.arange(0.18, 0.34, 0.01)]
    return values[int(np.abs(values).argmax())]


def test_left_hypertrophy_meets_sokolow_and_normal_hearts_mostly_do_not(read):
    def sokolow(code, seed):
        ecg = read(code, seed=seed, bpm=65)
        return -ecg.qrs("V1").min() + max(ecg.qrs("V5").max(), ecg.qrs("V6").max())

    assert np.median([sokolow("LVH", s) for s in SEEDS]) > 3.5
    assert np.median([sokolow("NORM", s) for s in SEEDS]) < 3.0


def test_right_hypertrophy_has_a_tall_r_in_v1_and_a_deep_s_in_v6(read):
    for seed in SEEDS:
        ecg = read("RVH", seed=seed, bpm=65)
        assert ecg.qrs("V1").max() > -ecg.qrs("V1").min()
        assert -ecg.qrs("V6").min() > 0.6 * ecg.qrs("V6").max()
        assert ecg.axis_deg > 90


def test_low_voltage_stays_under_half_a_millivolt_in_the_limb_leads(read):
    for seed in SEEDS:
        ecg = read("LVOLT", seed=seed, bpm=65)
        assert max(np.ptp(ecg.qrs(lead)) for lead in ("I", "II", "III", "aVR", "aVL", "aVF")) < 0.5


def test_r_grows_and_s_shrinks_across_the_chest(read):
    normal = [read("NORM", seed=s, bpm=65) for s in SEEDS]
    r = np.array([[ecg.qrs(f"V{i}").max() for i in range(1, 6)] for ecg in normal]).mean(axis=0)
    s = np.array([[ecg.qrs(f"V{i}").min() for i in range(2, 7)] for ecg in normal]).mean(axis=0)
    assert (np.diff(r[:4]) > 0).all()
    assert (np.diff(s) > 0).all()


def test_right_atrium_is_tall_in_two(read):
    for seed in SEEDS:
        ecg = read("RAO/RAE", seed=seed, bpm=62)
        onset = round(ecg.qrs_spans_s[1, 0] * 500)
        assert np.ptp(ecg.lead("II")[onset - 110 : onset - 10]) > 0.22


def test_left_atrium_ends_deep_in_v1(read):
    depth = {}
    for code in ("LAO/LAE", "SR"):
        ecgs = [read(code, seed=s, bpm=62) for s in SEEDS]
        onsets = [round(ecg.qrs_spans_s[1, 0] * 500) for ecg in ecgs]
        depth[code] = np.mean(
            [ecg.lead("V1")[o - 60 : o - 12].min() for ecg, o in zip(ecgs, onsets, strict=True)]
        )
    assert depth["LAO/LAE"] < 2 * min(depth["SR"], -0.01)
