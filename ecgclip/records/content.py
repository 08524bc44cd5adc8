"""`content_hash`: has a record changed since it was read last?"""

import json
from hashlib import blake2b

import numpy as np

from ecgclip.records.ecg import Ecg


def content_hash(ecg: Ecg) -> str:
    """BLAKE2b-128 of the signal, the report and all metadata but the path: a moved folder changes no case."""
    facts = [
        ecg.case_id,
        ecg.rate_hz,
        ecg.report,
        dict(ecg.codes),
        ecg.age,
        ecg.sex,
        ecg.patient_id,
        ecg.fold,
    ]
    digest = blake2b(json.dumps(facts, sort_keys=True).encode(), digest_size=16)
    digest.update(np.ascontiguousarray(ecg.signal_mv, "<f4").tobytes())
    return digest.hexdigest()
