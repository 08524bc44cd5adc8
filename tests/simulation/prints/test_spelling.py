import pytest

from ecgclip.simulation.prints.spelling import Spelling


@pytest.mark.parametrize(
    ("spelling", "names"),
    [
        (
            Spelling("", "aVR", "V1", "-aVR"),
            {"II": "II", "aVL": "aVL", "V4": "V4", "V3R": "V3R", "-aVR": "-aVR"},
        ),
        (Spelling("D", "AVR", "C1", "-R"), {"III": "DIII", "aVF": "AVF", "V6": "C6", "-aVR": "-R"}),
        (Spelling("L123", "aVr", "v1", "-aVR"), {"II": "L2", "aVL": "aVl", "V2": "v2", "V7": "v7"}),
        (Spelling("Lead", "VR", "V_1", "-aVR"), {"I": "Lead I", "aVF": "VF", "V5": "V_5"}),
        (Spelling("", "aVR", "V1", "-aVR", "Lead ", ":"), {"I": "Lead I:", "V1": "Lead V1:"}),
    ],
)
def test_makers_spell_leads_in_their_way(spelling, names):
    assert {lead: spelling.name(lead) for lead in names} == names
